import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { runInLanes } from '../../../src/peers/local/lanes.ts';

/** Jobs by their sizes; those of `silent` last until the time of silence. */
async function run(sizes: readonly number[], inFlight: number, silent: ReadonlySet<number>, silenceMs: number) {
  const jobs = sizes.map((size, place) => ({ size, place }));
  let onTheWay = 0;
  let most = 0;
  const shares: number[] = [];
  const order = await runInLanes(
    jobs,
    ({ size }) => size,
    { inFlight, silenceMs },
    async ({ place }, share) => {
      onTheWay += share;
      most = Math.max(most, onTheWay);
      shares[place] = share;
      await sleep(silent.has(place) ? silenceMs : 0);
      onTheWay -= share;
      return place;
    },
  );
  return { order, most, shares };
}

test('everything is done once and told in its order, and no more is on the way than may be', async () => {
  const sizes = fc.array(fc.constantFrom(1, 2, 64, 65, 2_768), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 2, max: 64 }), async (jobs, inFlight) => {
      const { order, most } = await run(jobs, inFlight, new Set(), 10_000);
      expect(order).toEqual(jobs.map((_, place) => place));
      expect(most).toBeLessThanOrEqual(inFlight);
    }),
    { numRuns: 50 },
  );
});

test('sweeps run side by side beside short jobs, each with its share', async () => {
  const { shares } = await run([2_768, 1, 2_768, 1], 64, new Set(), 1_000);
  expect(shares).toEqual([16, 16, 16, 16]);
  expect((await run([2_768], 64, new Set(), 1_000)).shares).toEqual([64]);
});

test('short jobs that stay silent make room for those that are answered', async () => {
  const silenceMs = 2_000;
  const started = performance.now();
  const everyOther = new Set(Array.from({ length: 12 }, (_, place) => 2 * place));
  await run(
    Array.from({ length: 24 }, () => 1),
    4,
    everyOther,
    silenceMs,
  );
  // Waited for one group after the other it would have been six silences.
  expect(performance.now() - started).toBeLessThan(3 * silenceMs);
});

test('a job that fails ends it, also when nobody waited for it any more', async () => {
  const failing = (ms: number) =>
    runInLanes(
      [1, 2, 3, 4],
      () => 1,
      { inFlight: 1, silenceMs: 400 },
      async (job) => {
        await sleep(job === 2 ? ms : 300);
        if (job === 2) throw new Error('two');
      },
    );
  await expect(failing(0)).rejects.toThrow('two');
  await expect(failing(70)).rejects.toThrow('two');
});
