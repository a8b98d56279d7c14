import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { livePrograms } from '../../src/system/live-programs.ts';
import { SystemError } from '../../src/system/system.ts';

const sh = (script: string, options: { ms?: number; limit?: number; stdin?: string } = {}) =>
  livePrograms.run('/bin/sh', ['-c', script], { signal: AbortSignal.timeout(options.ms ?? 10_000), ...options });

test('what a program printed, and how it ended', async () => {
  expect(await sh('cat; echo oops >&2; exit 3', { stdin: 'hello' })).toEqual({
    exitCode: 3,
    killedBy: null,
    stdout: 'hello',
    stderr: 'oops\n',
  });
  expect(await sh('kill -TERM $$')).toMatchObject({ exitCode: null, killedBy: 'SIGTERM' });
});

test('a program that does not read its input is no error', async () => {
  expect((await sh('exit 0', { stdin: 'x'.repeat(1_000_000) })).exitCode).toBe(0);
});

test('out of time, the program and all that it started are ended', async () => {
  const started = performance.now();
  const error: unknown = await sh('sleep 1000 & echo $!; wait', { ms: 300 }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SystemError);
  expect(error).toMatchObject({ why: 'timeout' });
  expect(performance.now() - started).toBeLessThan(5000);
});

test('a grandchild in another session cannot hold the caller', async () => {
  const error: unknown = await sh('setsid sleep 3 & wait', { ms: 200 }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ why: 'timeout' });
});

test('a program that prints without end is ended', async () => {
  const error: unknown = await sh('yes', { limit: 10_000 }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ why: 'error' });
});

test('what cannot be started says why', async () => {
  const missing: unknown = await livePrograms
    .run('/none/such', [], { signal: AbortSignal.timeout(1000) })
    .catch((reason: unknown) => reason);
  expect(missing).toMatchObject({ why: 'missing', code: 'ENOENT' });
});

test('a program that is being written is refused as other errors are', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-busy-'));
  const path = join(directory, 'program');
  copyFileSync(realpathSync('/bin/cat'), path);
  const held = openSync(path, 'r+');
  try {
    const busy: unknown = await livePrograms
      .run(path, [], { signal: AbortSignal.timeout(1000) })
      .catch((reason: unknown) => reason);
    expect(busy).toMatchObject({ name: 'SystemError', code: 'ETXTBSY' });
  } finally {
    closeSync(held);
    rmSync(directory, { recursive: true });
  }
});

test('a program gets no secrets of ours', async () => {
  process.env['SEAWORTHY_TOKEN'] = 'swt1.secret';
  try {
    expect((await sh('env')).stdout).not.toContain('secret');
  } finally {
    delete process.env['SEAWORTHY_TOKEN'];
  }
});

test('programs are found where a login shell would look', async () => {
  const found = await livePrograms.find('sh');
  expect(found !== null && existsSync(found)).toBe(true);
  expect(await livePrograms.find('no-such-program-at-all')).toBeNull();
});
