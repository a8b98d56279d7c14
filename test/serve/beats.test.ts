import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { keepRunning } from '../../src/serve/beats.ts';

async function beats(interval: number, lasts: number, runs: number) {
  const controller = new AbortController();
  const starts: number[] = [];
  let skipped = 0;
  let running = 0;
  let most = 0;
  await keepRunning({
    interval,
    signal: controller.signal,
    skipped: (count) => (skipped += count),
    run: async () => {
      most = Math.max(most, ++running);
      starts.push(performance.now());
      await sleep(lasts);
      running -= 1;
      if (starts.length === runs) controller.abort();
    },
  });
  return { starts, skipped, most, running };
}

test('runs come on the beat, the first one at once', async () => {
  const began = performance.now();
  const { starts, most } = await beats(50, 1, 5);
  expect(most).toBe(1);
  expect(starts[0]).toBeLessThan(began + 40);
  // A busy machine is late, and never early.
  for (const [beat, start] of starts.entries()) expect(start - (starts[0] ?? 0)).toBeGreaterThan(beat * 50 - 5);
});

test('one that takes longer leaves beats out, and there are never two', async () => {
  const { starts, skipped, most } = await beats(40, 100, 4);
  expect(most).toBe(1);
  expect(skipped).toBeGreaterThanOrEqual(8);
  for (const [index, start] of starts.slice(1).entries()) {
    const beat = (start - (starts[0] ?? 0)) / 40;
    expect(beat).toBeGreaterThan(3 * (index + 1) - 0.2);
  }
});

test('its end waits for the run that is under way, and for nothing else', async () => {
  const began = performance.now();
  expect(await beats(60_000, 30, 1)).toMatchObject({ running: 0, skipped: 0 });
  expect(performance.now() - began).toBeLessThan(10_000);
});
