import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { machineLock } from '../../src/system/machine-lock.ts';

const name = () => `seaworthy-test-${randomBytes(6).toString('hex')}`;
const patient = (lock: string, ms = 20_000, signal = new AbortController().signal) => machineLock(lock, ms, signal);

test('one after the other', async () => {
  const lock = name();
  const order: string[] = [];
  const use = async (who: string) => {
    const held = await patient(lock);
    order.push(`${who} in`);
    await new Promise((resolve) => setTimeout(resolve, 30));
    order.push(`${who} out`);
    held?.release();
  };
  await Promise.all(['a', 'b', 'c', 'd'].map(use));
  expect(order).toHaveLength(8);
  for (let at = 0; at < 8; at += 2) expect(order[at]?.[0]).toBe(order[at + 1]?.[0]);
});

test('who is out of patience, or interrupted, has none', async () => {
  const lock = name();
  const held = await patient(lock);
  expect(await patient(lock, 100)).toBeNull();
  expect(await patient(lock, 20_000, AbortSignal.timeout(100))).toBeNull();
  held?.release();
  const next = await patient(lock);
  expect(next).not.toBeNull();
  next?.release();
});
