import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatPortRange,
  inRange,
  intersect,
  parsePortRange,
  subtract,
  toRanges,
  portsOf,
} from '../../src/values/port-range.ts';

const port = fc.integer({ min: 1, max: 300 });
const range = fc.tuple(port, port).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const members = (ranges: readonly { first: number; last: number }[]) =>
  ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index));

test('what is printed reads back', () => {
  fc.assert(
    fc.property(range, (each) => {
      expect(parsePortRange(formatPortRange(each))).toEqual(each);
    }),
  );
});

test('ranges of a set hold exactly its members, and are maximal', () => {
  fc.assert(
    fc.property(fc.array(port), (ports) => {
      const ranges = toRanges(ports);
      expect(members(ranges)).toEqual([...new Set(ports)].sort((a, b) => a - b));
      for (const [index, { first }] of ranges.slice(1).entries())
        expect(first).toBeGreaterThan(ranges[index]!.last + 1);
    }),
  );
});

test('a difference holds what is in the range and in no hole', () => {
  fc.assert(
    fc.property(range, fc.array(range, { maxLength: 5 }), (whole, holes) => {
      const expected = members([whole]).filter((each) => !holes.some((hole) => inRange(hole, each)));
      expect(members(subtract(whole, holes))).toEqual(expected);
    }),
  );
});

test('the intersection is what both have', () => {
  fc.assert(
    fc.property(range, range, (a, b) => {
      const both = intersect(a, b);
      expect(both === null ? [] : members([both])).toEqual(members([a]).filter((each) => inRange(b, each)));
    }),
  );
});

test.each(['', '0', '0-5', '5-4', '65536', '1-65536', '1-2-3', 'a-b', '-1', '99999999999'])('%s is none', (text) => {
  expect(parsePortRange(text)).toBeNull();
});

test('the ports of ranges come once, in the order of the ranges', () => {
  expect(
    portsOf([
      { first: 7, last: 9 },
      { first: 3, last: 3 },
      { first: 8, last: 10 },
    ]),
  ).toEqual([7, 8, 9, 3, 10]);
  expect(portsOf([])).toEqual([]);
});
