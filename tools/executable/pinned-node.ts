import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

const ROOT = join(import.meta.dirname, '../..');

/** What Node calls the processors that there are executables for. */
export const ARCHITECTURES = ['x64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** Node for a processor, out of the package of it that the project pins. */
export interface PinnedNode {
  readonly architecture: Architecture;
  /** Of the package. */
  readonly name: string;
  readonly version: string;
  /** As npm writes it: sha512-BASE64. */
  readonly integrity: string;
  readonly program: Buffer;
  readonly license: string;
  /** Its licences, those of the libraries inside of it included. */
  readonly texts: readonly string[];
}

const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string(), integrity: z.string(), license: z.string() }).partial(),
  ),
});

/** npm installs the package for this machine alone; another one is packed, and held against package-lock.json. Throws an Error. */
export function pinnedNode(architecture: Architecture): PinnedNode {
  const name = `node-linux-${architecture}`;
  const { packages } = lock.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
  const { version, integrity, license } = packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined || license === undefined) {
    throw new Error(`package-lock.json does not pin ${name}`);
  }
  const known = { architecture, name, version, integrity, license };
  const installed = join(ROOT, 'node_modules', name);
  if (existsSync(installed)) return { ...known, ...filesOf(installed) };
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-node-'));
  try {
    execFileSync('npm', ['pack', '--silent', `${name}@${version}`], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const archive = join(directory, `${name}-${version}.tgz`);
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (found !== integrity) throw new Error(`${name}@${version} is not the one that package-lock.json pins`);
    execFileSync('tar', ['-xzf', archive, '-C', directory]);
    return { ...known, ...filesOf(join(directory, 'package')) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function filesOf(directory: string): Pick<PinnedNode, 'program' | 'texts'> {
  return {
    program: readFileSync(join(directory, 'bin/node')),
    texts: [readFileSync(join(directory, 'LICENSE'), 'utf8')],
  };
}
