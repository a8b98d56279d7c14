import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { copyExecutable } from '../../src/fleet/copy.ts';
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
const executable = { size: 8_000_000, packed: randomBytes(8_000_000) };

test('an executable that trickles is given up after the time that a whole copy may take, in one sentence', async () => {
  const ssh = taking(`echo ${MARK} copy; while head -c 65536 >/dev/null; do sleep 0.05; done`);
  const started = performance.now();
  const copied = copyExecutable(NODE, ssh, scriptLines(ssh.output, MARK), executable, never, 1_000);
  await expect(copied).rejects.toThrow(
    'n1 did not take the executable, 7.6 MiB as it travels, within 1s: the way there is too slow, and seaworthy must be installed there.',
  );
  expect(performance.now() - started).toBeLessThan(4_000);
});

test('one that is taken in time is started', async () => {
  const ssh = taking(`read -r sizes; echo ${MARK} copy; head -c 8000000 >/dev/null; echo ${MARK} start`);
  expect(await copyExecutable(NODE, ssh, scriptLines(ssh.output, MARK), executable, never)).toBe('started');
});
