import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { liveSystem } from '../../src/system/live.ts';
import { machineLock } from '../../src/system/machine-lock.ts';

const system = liveSystem();
const newName = () => `seaworthy-test-${randomBytes(6).toString('hex')}`;
const patient = (name: string, ms = 20_000, signal = new AbortController().signal) =>
  machineLock(system, name, ms, signal);

test('one after the other', async () => {
  const name = newName();
  const order: string[] = [];
  const use = async (who: string) => {
    const held = await patient(name);
    order.push(`${who} in`);
    await new Promise((resolve) => setTimeout(resolve, 30));
    order.push(`${who} out`);
    held?.release();
  };
  await Promise.all(['a', 'b', 'c', 'd'].map(use));
  expect(order).toHaveLength(8);
  for (let at = 0; at < 8; at += 2) expect(order[at]?.[0]).toBe(order[at + 1]?.[0]);
});

/** Takes the lock over and over, and each time reads a number, waits, and writes the next one. */
const COUNTING = `
  import { readFileSync, writeFileSync } from 'node:fs';
  import { liveSystem } from ${JSON.stringify(join(import.meta.dirname, '../../src/system/live.ts'))};
  import { machineLock } from ${JSON.stringify(join(import.meta.dirname, '../../src/system/machine-lock.ts'))};
  const [name, file] = process.argv.slice(1);
  for (let times = 0; times < 10; times++) {
    const lock = await machineLock(liveSystem(), name, 60_000, new AbortController().signal);
    const count = Number(readFileSync(file, 'utf8'));
    await new Promise((resolve) => setTimeout(resolve, 2));
    writeFileSync(file, String(count + 1));
    lock.release();
  }`;

/** A process that is ended with the test. */
function started(program: string, args: readonly string[], user?: number): ChildProcess {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('several processes that want it all the time never have it at once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-lock-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'count');
  writeFileSync(file, '0');
  const name = newName();
  const codes = await Promise.all(
    [1, 2, 3].map(() => {
      const child = started(process.execPath, ['--input-type=module-typescript', '-e', COUNTING, name, file]);
      return new Promise((resolve) => child.once('exit', resolve));
    }),
  );
  expect(codes).toEqual([0, 0, 0]);
  expect(readFileSync(file, 'utf8')).toBe('30');
});

test('who is out of patience, or interrupted, has none', async () => {
  const name = newName();
  const held = await patient(name);
  expect(await patient(name, 100)).toBeNull();
  expect(await patient(name, 20_000, AbortSignal.timeout(100))).toBeNull();
  held?.release();
  const next = await patient(name, 1_000);
  expect(next).not.toBeNull();
  next?.release();
});

const HOLDING = (name: string) =>
  `require('node:net').createServer().listen({ path: '\\0${name}-0123456789abcdef' }, () => console.log('there'))`;

async function heldBy(name: string, user?: number): Promise<ChildProcess> {
  const child = started(process.execPath, ['-e', HOLDING(name)], user);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return child;
}

test('the kernel gives back what a process had that was killed', async () => {
  const name = newName();
  const child = await heldBy(name);
  expect(await patient(name, 100)).toBeNull();
  child.kill('SIGKILL');
  expect(await patient(name)).not.toBeNull();
});

test.runIf(process.getuid?.() === 0)('what another user has is in nobody’s way', async () => {
  const name = newName();
  await heldBy(name, 65_534);
  const held = await patient(name, 0);
  expect(held).not.toBeNull();
  expect(await patient(name, 100)).toBeNull();
});
