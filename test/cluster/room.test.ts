import { expect, test } from 'vitest';
import { roomFor, weightOf } from '../../src/cluster/room.ts';

test('a room takes what fits, and has room again when it is left', () => {
  const room = roomFor(10);
  expect([room.take(10), room.take(1)]).toEqual([true, false]);
  room.leave(11);
  expect(room.take(10)).toBe(true);
});

test('objects, lists and what follows a comma weigh more than their characters', () => {
  expect(weightOf('""')).toBe(2);
  expect(weightOf('{"a":[1,2]}') - '{"a":[1,2]}'.length).toBe(300);
});
