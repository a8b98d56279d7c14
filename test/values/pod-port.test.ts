import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPodPortOf, podPortOf } from '../../src/values/pod-port.ts';

const run = fc.stringMatching(/^[0-9a-f]{16}$/);

test('every run has a port for pods, of 23000-23999', () => {
  fc.assert(
    fc.property(run, (id) => {
      expect(Math.floor(podPortOf(id) / 1_000)).toBe(23);
      expect(isPodPortOf(id, { first: podPortOf(id), last: podPortOf(id) })).toBe(true);
    }),
  );
});

test('runs seldom have the same one', () => {
  const ports = fc.sample(run, { numRuns: 2_000, seed: 1 }).map(podPortOf);
  expect(new Set(ports).size).toBeGreaterThan(700);
});

/** Its own is 23111. */
const RUN = `0000006f${'0'.repeat(8)}`;

test.each([
  { first: 23_110, last: 23_110 },
  { first: 23_112, last: 23_112 },
  { first: 23_111, last: 23_112 },
  { first: 23_110, last: 23_111 },
  { first: 10_777, last: 10_777 },
])('$first-$last is not that of a run', (ports) => {
  expect(podPortOf(RUN)).toBe(23_111);
  expect(isPodPortOf(RUN, ports)).toBe(false);
});
