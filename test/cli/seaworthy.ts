import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { PROGRAM } from '../program.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const BIN = join(ROOT, 'bin/seaworthy.js');

export interface CliOptions {
  /** Added to a small environment without anything of ours; undefined takes away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  readonly cwd?: string;
  /** Through bin/seaworthy.js, by this interpreter. */
  readonly launcher?: string;
  readonly onStart?: (child: ChildProcess) => void;
}

export interface CliResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** The built program as a process of its own. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { launcher, env = {}, cwd = '/', stdin = '', onStart } = options;
  const command = launcher === undefined ? PROGRAM : [launcher, BIN];
  return runCommand([...command, ...args], { env, cwd, stdin, ...(onStart === undefined ? {} : { onStart }) });
}

export function runCommand(
  [command = '', ...args]: readonly string[],
  { env = {}, cwd = '/', stdin = '', onStart }: Omit<CliOptions, 'launcher'> = {},
): Promise<CliResult> {
  const { promise, resolve, reject } = Promise.withResolvers<CliResult>();
  const started = performance.now();
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', LANG: 'C.UTF-8', ...env },
    stdio: 'pipe',
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  child.on('error', reject);
  child.on('close', (code, signal) => {
    const result = {
      code,
      signal,
      stdout: Buffer.concat(out).toString('utf8'),
      stderr: Buffer.concat(err).toString('utf8'),
      ms: performance.now() - started,
    };
    // Nothing that a user sees is ever a stack.
    expect(result.stdout + result.stderr).not.toMatch(/^\s+at .*(?:\.js|\.ts|node:)/m);
    resolve(result);
  });
  onStart?.(child);
  return promise;
}

const made: string[] = [];
/** For the afterAll of each file. */
export function removeDirectories(): void {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
}

/** An empty directory of our own, until the tests of the file end. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-cli-'));
  made.push(directory);
  return directory;
}

/** A directory that stands for a machine of which little is known. */
export function machine(machineId = '0123456789abcdef0123456789abcdef', hostname = 'w1'): string {
  const root = temporaryDirectory();
  for (const [path, text] of Object.entries({
    'etc/machine-id': `${machineId}\n`,
    'etc/hostname': `${hostname}\n`,
    'proc/sys/kernel/hostname': `${hostname}\n`,
  })) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** A plugin whose one check, acme/one, has the status of the variable ACME; with `waits` its fact is never read. */
export function plugin(directory: string, waits = ''): string {
  const file = join(directory, 'acme.mjs');
  writeFileSync(
    file,
    `import { z } from 'seaworthy/plugin';
     const remedy = { text: 'Turn it on.' };
     const status = process.env.ACME ?? 'pass';
     const check = (id, needs) => ({
       id, title: 'acme is fine', docs: 'https://acme.example/', kubeadm: ['Swap'], stages: ['fresh', 'joined'],
       reasons: { pass: 'pass', warn: 'warn', fail: 'fail', unknown: 'unknown', skip: 'skip' }, needs, wants: [],
       judge: () => [{ subject: 'it', reason: status, message: 'It is so.', ...(['warn', 'fail'].includes(status) ? { remedy } : {}) }],
     });
     const fact = { title: 'slow', schema: () => z.null(), read: ${waits === '' ? 'async () => null' : waits} };
     export default { apiVersion: 1, name: 'acme', checks: [check('acme/one', []), check('acme/slow', ['acme/slow'])], facts: { slow: fact } };\n`,
  );
  chmodSync(file, 0o644);
  return file;
}

export const WAITS_FOR_EVER =
  "async () => { (await import('node:fs')).writeFileSync(new URL('reading', import.meta.url), ''); await new Promise(() => {}); }";

/** Longer than any test. Milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Calls it once a run with a plugin that waits for ever, made for it alone, is at that fact: by then it listens to signals, and what else it reads comes
 * soon. Never where the run ends before.
 */
export async function onceWaiting(file: string, child: ChildProcess, then: () => void): Promise<void> {
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const end = performance.now() + PATIENCE_MS;
  while (!existsSync(join(dirname(file), 'reading'))) {
    if (isOver() || performance.now() > end) return;
    await sleep(50);
  }
  await sleep(500);
  if (!isOver()) then();
}
