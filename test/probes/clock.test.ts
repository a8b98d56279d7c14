import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clockOffset, type ClockExchange } from '../../src/probes/clock.ts';

/** What the four clocks show, truncated to milliseconds, when the other clock is so far ahead. */
function exchange(startMs: number, offsetMs: number, thereMs: number, workMs: number, backMs: number): ClockExchange {
  return {
    sentMs: Math.floor(startMs),
    receivedMs: Math.floor(startMs + thereMs + offsetMs),
    answeredMs: Math.floor(startMs + thereMs + workMs + offsetMs),
    cameBackMs: Math.floor(startMs + thereMs + workMs + backMs),
  };
}

test('the quickest exchange decides', () => {
  const slow = exchange(1_000, 2_000, 300, 1, 10);
  const quick = exchange(2_000, 2_000, 2, 1, 2);
  expect(clockOffset([slow, quick])).toEqual({ offsetMs: 2_000, uncertaintyMs: 3, exchanges: 2 });
});

test('the true offset always lies within the uncertainty, however unlike the two ways are', () => {
  const ms = (max: number) => fc.double({ min: 0, max, noNaN: true });
  const ways = fc.array(fc.tuple(ms(1e6), ms(500), ms(50), ms(500)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.double({ min: -1e7, max: 1e7, noNaN: true }), ways, (offset, ways) => {
      const found = clockOffset(
        ways.map(([start, there, work, back]) => exchange(1e9 + start, offset, there, work, back)),
      );
      if (found === null) throw new Error('nothing was found');
      expect(Math.abs(found.offsetMs - offset)).toBeLessThanOrEqual(found.uncertaintyMs + 1e-6);
      expect(found.exchanges).toBe(ways.length);
    }),
  );
});

test('a slower way there widens the uncertainty by half of what it takes more', () => {
  const even = clockOffset([exchange(0, 0, 5, 0, 5)]);
  const uneven = clockOffset([exchange(0, 0, 205, 0, 5)]);
  expect((uneven?.uncertaintyMs ?? 0) - (even?.uncertaintyMs ?? 0)).toBe(100);
});

test('a clock that is set meanwhile is uncertain, or tells nothing', () => {
  const before = exchange(1_000, 0, 1, 0, 1);
  const after = exchange(2_000, 5_000, 2, 0, 2);
  expect(clockOffset([before, after])).toEqual({ offsetMs: 0, uncertaintyMs: 4_997, exchanges: 2 });
  expect(clockOffset([{ sentMs: 1_000, receivedMs: 1_000, answeredMs: 6_000, cameBackMs: 1_001 }])).toBeNull();
  expect(clockOffset([])).toBeNull();
});
