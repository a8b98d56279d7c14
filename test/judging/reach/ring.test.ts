import { expect, test } from 'vitest';
import { neighbours } from '../../../src/judging/reach/ring.ts';

const names = Array.from({ length: 60 }, (_, index) => `node-${index}`);

test('the order in which the names come does not matter', () => {
  const reversed = names.toReversed();
  for (const name of names) expect(neighbours(reversed, name, 2)).toEqual(neighbours(names, name, 2));
});

test('each has so many neighbours, and is one of so many', () => {
  const all = names.flatMap((name) => {
    const found = neighbours(names, name, 10);
    expect(found).not.toContain(name);
    expect(new Set(found).size).toBe(10);
    return found;
  });
  for (const name of names) expect(all.filter((each) => each === name)).toHaveLength(10);
});

test('a node that goes changes the neighbours of those before it alone', () => {
  const without = names.filter((name) => name !== 'node-7');
  const changed = without.filter((name) => neighbours(without, name, 2).join() !== neighbours(names, name, 2).join());
  expect(changed).toHaveLength(2);
});

test('a few have all others', () => {
  expect(neighbours(['a', 'b', 'c'], 'b', 2).sort()).toEqual(['a', 'c']);
  expect(neighbours(['a'], 'a', 2)).toEqual([]);
});
