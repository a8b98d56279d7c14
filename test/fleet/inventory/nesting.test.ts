import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { circleIn, depthsOf, withContainers, type Containers } from '../../../src/fleet/inventory/nesting.ts';
import { parseIni } from '../../../src/fleet/inventory/parse-ini.ts';

/** Groups 0 … 7 and who contains whom. */
const nestings = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 })), { maxLength: 16 })
  .map((pairs): Containers => {
    const containers = new Map(Array.from({ length: 8 }, (_, name) => [String(name), new Set<string>()]));
    for (const [name, outer] of pairs) containers.get(String(name))?.add(String(outer));
    return containers;
  });

/** As one would by hand: every way outwards, one by one; infinite where one comes back. */
function longestWay(name: string, containers: Containers, seen: readonly string[] = []): number {
  if (seen.includes(name)) return Infinity;
  const ways = [...(containers.get(name) ?? [])].map((outer) => longestWay(outer, containers, [...seen, name]));
  return 1 + Math.max(0, ...ways);
}

test('a depth is the longest way from outside, and none where that has no end', () => {
  fc.assert(
    fc.property(nestings, (containers) => {
      const depths = depthsOf(containers);
      for (const name of containers.keys()) expect(depths.get(name) ?? Infinity).toBe(longestWay(name, containers));
    }),
  );
});

test('a circle is found where there is one, and each of it contains the next', () => {
  fc.assert(
    fc.property(nestings, (containers) => {
      const circle = circleIn(containers);
      const endless = [...containers.keys()].some((name) => longestWay(name, containers) === Infinity);
      expect(circle !== null).toBe(endless);
      for (const [index, name] of (circle ?? []).entries())
        expect(containers.get(circle?.[index + 1] ?? circle?.[0] ?? '')).toContain(name);
    }),
  );
});

test('what contains a group is all that its containers are in', () => {
  const containers = new Map([
    ['a', new Set<string>()],
    ['b', new Set(['a'])],
    ['c', new Set(['b'])],
    ['d', new Set<string>()],
  ]);
  expect(withContainers(['c'], containers)).toEqual(new Set(['c', 'b', 'a']));
});

test('many ways to one group, and a deep nesting, take no time', () => {
  const layers = 200;
  const ladder = Array.from({ length: layers }, (_, at) =>
    ['a', 'b'].map((side) => `[${side}${at}:children]\na${at + 1}\nb${at + 1}\n`).join(''),
  ).join('');
  const chain = Array.from({ length: 5_000 }, (_, at) => `[c${at}:children]\nc${at + 1}\n`).join('');
  const hosts = `[a${layers}]\nn1\n[b${layers}]\nn2\n[c5000]\nn3\n`;
  const started = performance.now();
  const found = parseIni(`${ladder}${chain}${hosts}`, 'h').hosts('h');
  expect(performance.now() - started).toBeLessThan(3_000);
  expect(found.map(({ name, groups }) => [name, groups.length])).toEqual([
    ['n1', 2 * layers + 2],
    ['n2', 2 * layers + 2],
    ['n3', 5_002],
  ]);
});
