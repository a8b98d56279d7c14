import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

const directories: string[] = [];

/** A directory that `removeDirectories` removes. */
export function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'seaworthy-kubeconfig-'));
  directories.push(made);
  return made;
}

export function removeDirectories(): void {
  for (const each of directories.splice(0)) rmSync(each, { recursive: true, force: true });
}

/** The path of a kubeconfig with one cluster and one user, 0600, in a directory of its own unless said. */
export function kubeconfig(
  cluster: Readonly<Record<string, unknown>>,
  user: Readonly<Record<string, unknown>>,
  where = directory(),
): string {
  const file = join(where, 'kubeconfig');
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  writeFileSync(file, stringify(document), { mode: 0o600 });
  return file;
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
