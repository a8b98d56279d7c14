import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPodPort, podPortOf } from '../../src/values/pod-port.ts';

const run = fc.stringMatching(/^[0-9a-f]{16}$/);

test('every run has a port for pods', () => {
  fc.assert(fc.property(run, (id) => expect(isPodPort({ first: podPortOf(id), last: podPortOf(id) })).toBe(true)));
});

test('runs seldom have the same one', () => {
  const ports = fc.sample(run, { numRuns: 2_000, seed: 1 }).map(podPortOf);
  expect(new Set(ports).size).toBeGreaterThan(700);
});

test.each([
  { first: 22_999, last: 22_999 },
  { first: 24_000, last: 24_000 },
  { first: 23_000, last: 23_001 },
  { first: 10_777, last: 10_777 },
])('$first-$last is none', (ports) => {
  expect(isPodPort(ports)).toBe(false);
});
