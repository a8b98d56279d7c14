import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { copyExecutable } from '../../src/fleet/copy.ts';
import { packExecutable } from '../../src/fleet/packed-executable.ts';
import { scriptLines } from '../../src/fleet/script-lines.ts';
import type { SshProcess } from '../../src/fleet/ssh-process.ts';

const MARK = 'seaworthy-0011aabbccdd';
const NODE = {
  name: 'n1',
  roles: [],
  target: { host: 'n1', port: null, user: null, keyFile: null, args: [], becomesRoot: false },
  address: null,
};

/** A shell that takes the executable as this script does. */
function taking(script: string): SshProcess {
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  const { stdin: input, stdout: output } = child;
  input.on('error', () => undefined);
  const ended = once(child, 'exit').then(() => child.exitCode);
  return { input, output, ended, lastLine: () => '', kill: () => void child.kill() };
}

const never = new AbortController().signal;

const directory = mkdtempSync(join(tmpdir(), 'seaworthy-copy-'));
const file = join(directory, 'program');
const bytes = randomBytes(8_000_000);
writeFileSync(file, bytes);
const executable = await packExecutable(file);
afterAll(async () => {
  await executable.close();
  rmSync(directory, { recursive: true });
});

test('an executable that trickles is given up after the time that a whole copy may take, in one sentence', async () => {
  const ssh = taking(`read -r sizes; echo ${MARK} copy; while head -c 65536 >/dev/null; do sleep 0.05; done`);
  const started = performance.now();
  const copied = copyExecutable(NODE, ssh, scriptLines(ssh.output, MARK), executable, never, 1_000);
  await expect(copied).rejects.toThrow(
    'n1 did not take the executable, 7.6 MiB as it travels, within 1s: the way there is too slow, and seaworthy must be installed there.',
  );
  expect(performance.now() - started).toBeLessThan(4_000);
});

test('one that is taken in time is started', async () => {
  const ssh = taking(`read -r sizes; echo ${MARK} copy; head -c ${executable.length} >/dev/null; echo ${MARK} start`);
  expect(await copyExecutable(NODE, ssh, scriptLines(ssh.output, MARK), executable, never)).toBe('started');
});

test('several nodes take it at the same time, each at its own pace and each all of it', async () => {
  const copies = ['0', '0.02', '0.05'].map(async (pause, index) => {
    const to = join(directory, String(index));
    const ssh = taking(`read -r size packed; echo ${MARK} copy
      head -c "$packed" | while head -c 1048576 >${to}.part; [ -s ${to}.part ]; do cat ${to}.part >>${to}.gz; sleep ${pause}; done
      gzip -dc ${to}.gz >${to}; echo ${MARK} start`);
    expect(await copyExecutable(NODE, ssh, scriptLines(ssh.output, MARK), executable, never)).toBe('started');
    return readFileSync(to).equals(bytes);
  });
  expect(await Promise.all(copies)).toEqual([true, true, true]);
});

test('what it is packed into has no name, is as large as was told, and is held in small pieces', async () => {
  expect(executable.size).toBe(bytes.length);
  const held = readdirSync('/proc/self/fd').flatMap((fd) => linkOf(`/proc/self/fd/${fd}`) ?? []);
  expect(held.filter((path) => path.startsWith(join(tmpdir(), 'seaworthy.')))).toEqual([
    expect.stringMatching(/ \(deleted\)$/),
  ]);
  const first = await executable.read(0);
  expect([first.length, (await executable.read(executable.length)).length]).toEqual([262_144, 0]);
});

test('where it cannot be packed a sentence says so', async () => {
  await expect(packExecutable(join(directory, 'none'))).rejects.toThrow(/none, packed into .*: no such file$/);
  vi.stubEnv('TMPDIR', join(directory, 'nowhere'));
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(packExecutable(file)).rejects.toThrow(/nowhere\/seaworthy\.\w+: no such file$/);
});

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
