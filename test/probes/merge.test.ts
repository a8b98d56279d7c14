import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeNeighbours } from '../../src/probes/merge.ts';

test('ranges are maximal, and say of each port what was said of it', () => {
  const said = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.boolean()), { selector: ([port]) => port });
  fc.assert(
    fc.property(said, (unsorted) => {
      const each = unsorted.toSorted(([a], [b]) => a - b);
      const merged = mergeNeighbours(each, (one, other) => one === other);
      const apart = merged.flatMap(({ ports, value }) =>
        Array.from({ length: ports.last - ports.first + 1 }, (_, index) => [ports.first + index, value]),
      );
      expect(apart).toEqual(each);
      for (const [index, { ports, value }] of merged.slice(1).entries()) {
        const before = merged[index]!;
        expect(before.ports.last + 1 < ports.first || before.value !== value).toBe(true);
      }
    }),
  );
});

test('joined neighbours keep what the join makes of them', () => {
  const merged = mergeNeighbours(
    [
      [1, 5],
      [2, 9],
      [3, 7],
    ],
    () => true,
    Math.max,
  );
  expect(merged).toEqual([{ ports: { first: 1, last: 3 }, value: 9 }]);
});
