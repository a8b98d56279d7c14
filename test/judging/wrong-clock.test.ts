import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeClocks, type Clock } from '../../src/judging/wrong-clock.ts';

const LIMIT = 1_000;

function clock(name: string, offsetMs: number, uncertaintyMs = 0.5): Clock {
  return { name, offsetMs, uncertaintyMs };
}

function namesOf(clocks: readonly Clock[]) {
  const { wrong, disputed, vague, inStep } = judgeClocks(clocks, LIMIT);
  const names = (some: readonly Clock[]) => some.map(({ name }) => name);
  return {
    wrong: names(wrong.map((each) => each.clock)),
    disputed: names(disputed),
    vague: names(vague),
    inStep: names(inStep),
  };
}

const NONE = { wrong: [], disputed: [], vague: [], inStep: [] };

test.each([
  ['in step', [clock('a', 0, 0), clock('b', 3)], { ...NONE, inStep: ['a', 'b'] }],
  ['two apart: nobody is accused', [clock('a', 0, 0), clock('b', -2_000)], { ...NONE, disputed: ['b', 'a'] }],
  [
    'one of three',
    [clock('a', 0, 0), clock('b', 2_000), clock('c', 10)],
    { ...NONE, wrong: ['b'], inStep: ['a', 'c'] },
  ],
  [
    'the machine that measures is the wrong one',
    [clock('a', 0, 0), clock('b', 2_000), clock('c', 2_010)],
    { ...NONE, wrong: ['a'], inStep: ['b', 'c'] },
  ],
  [
    'two against two',
    [clock('a', 0), clock('b', 1), clock('c', 5_000), clock('d', 5_001)],
    {
      ...NONE,
      disputed: ['a', 'b', 'c', 'd'],
    },
  ],
  ['all three apart', [clock('a', 0), clock('b', 5_000), clock('c', 10_000)], { ...NONE, disputed: ['a', 'b', 'c'] }],
  [
    'a chain: each end agrees with the middle',
    [clock('a', 0), clock('b', 900), clock('c', 1_800)],
    {
      ...NONE,
      disputed: ['a', 'c'],
      inStep: ['b'],
    },
  ],
  [
    'two wrong ones of five',
    [clock('a', 0), clock('b', 9_000), clock('c', 1), clock('d', -9_000), clock('e', 2)],
    {
      ...NONE,
      wrong: ['b', 'd'],
      inStep: ['a', 'c', 'e'],
    },
  ],
  [
    'most agree with one another, and one of these agrees with the odd one',
    [
      ...['a', 'b'].map((name) => clock(name, 0)),
      ...['c', 'd', 'e'].map((name) => clock(name, 900)),
      clock('f', 1_850),
      clock('g', 50_000),
      clock('h', -50_000),
    ],
    { ...NONE, wrong: ['g', 'h'], disputed: ['a', 'b', 'f'], inStep: ['c', 'd', 'e'] },
  ],
  [
    'known too roughly',
    [clock('a', 0, 0), clock('b', 200, 900), clock('c', 1)],
    {
      ...NONE,
      vague: ['b'],
      inStep: ['a', 'c'],
    },
  ],
  ['the uncertainty hides it', [clock('a', 0, 0), clock('b', 1_500, 600)], { ...NONE, vague: ['b'], inStep: ['a'] }],
  ['exactly the limit', [clock('a', 0, 0), clock('b', 1_000, 0)], { ...NONE, inStep: ['a', 'b'] }],
])('%s', (_, clocks, expected) => {
  expect(namesOf(clocks)).toEqual(expected);
});

const uncertainty = fc.double({ min: 0, max: 50, noNaN: true });

test('a single wrong clock is the one that is named, whatever the order', () => {
  const right = fc.array(
    fc.record({ offsetMs: fc.double({ min: -450, max: 450, noNaN: true }), uncertaintyMs: uncertainty }),
    {
      minLength: 2,
      maxLength: 12,
    },
  );
  const wrong = fc.record({
    offsetMs: fc.oneof(
      fc.double({ min: 1_600, max: 1e12, noNaN: true }),
      fc.double({ min: -1e12, max: -1_600, noNaN: true }),
    ),
    uncertaintyMs: uncertainty,
  });
  const base = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const clocks = fc.tuple(right, wrong, base).chain(([good, bad, shift]) => {
    const named = [...good.map((each, index) => ({ ...each, name: `r${index}` })), { ...bad, name: 'wrong' }];
    const shifted = named.map((each) => ({ ...each, offsetMs: each.offsetMs + shift }));
    return fc.shuffledSubarray(shifted, { minLength: shifted.length });
  });
  fc.assert(
    fc.property(clocks, (all) => {
      const found = namesOf(all);
      expect(found.wrong).toEqual(['wrong']);
      expect(found.disputed).toEqual([]);
    }),
  );
});

test('every clock has one place, and who is accused has most against it', () => {
  const any = fc.array(fc.record({ offsetMs: fc.integer({ min: -4_000, max: 4_000 }), uncertaintyMs: uncertainty }), {
    minLength: 2,
    maxLength: 9,
  });
  fc.assert(
    fc.property(any, (all) => {
      const clocks = all.map((each, index) => ({ ...each, name: `n${index}` }));
      const { wrong, disputed, vague, inStep } = judgeClocks(clocks, LIMIT);
      const placed = [...wrong.map((each) => each.clock), ...disputed, ...vague, ...inStep].map(({ name }) => name);
      expect(placed.sort()).toEqual(clocks.map(({ name }) => name).sort());
      for (const each of wrong) {
        expect(each.agree.length).toBeGreaterThan(clocks.length / 2);
        for (const other of each.agree) {
          const gap = Math.abs(other.offsetMs - each.clock.offsetMs);
          expect(gap - other.uncertaintyMs - each.clock.uncertaintyMs).toBeGreaterThan(LIMIT);
        }
      }
    }),
  );
});
