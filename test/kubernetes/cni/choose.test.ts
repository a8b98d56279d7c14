import { expect, test } from 'vitest';
import { chooseForContainerd, chooseForCrio, type Candidate } from '../../../src/kubernetes/cni/choose.ts';

const valid = (name: string, network = name): Candidate => ({ name, state: 'valid', network: { name: network } });
const broken = (name: string): Candidate => ({ name, state: 'broken' });
const unread = (name: string): Candidate => ({ name, state: 'unread' });

test.each([
  [[], 'none', null, 'none', null],
  [[valid('a'), valid('b')], 'wins', 'a', 'wins', 'a'],
  [[broken('a'), valid('b')], 'broken', 'a', 'wins', 'b'],
  [[valid('a'), broken('b')], 'wins', 'a', 'wins', 'a'],
  [[broken('a'), broken('b')], 'broken', 'a', 'broken', 'a'],
  [[unread('a'), valid('b')], 'unread', 'a', 'unread', 'a'],
  [[broken('a'), unread('b')], 'broken', 'a', 'unread', 'b'],
] as const)('%j', (files, containerd, first, crio, second) => {
  expect(chooseForContainerd(files)).toEqual({ outcome: containerd, file: first });
  expect(chooseForCrio(files)).toEqual({ outcome: crio, file: second });
});

test('max_conf_num: what is loaded must all be good, 0 is everything', () => {
  const files = [valid('a'), broken('b')];
  expect(chooseForContainerd(files, 2)).toEqual({ outcome: 'broken', file: 'b' });
  expect(chooseForContainerd(files, 0)).toEqual({ outcome: 'broken', file: 'b' });
  expect(chooseForContainerd([valid('a'), valid('b')], 0)).toEqual({ outcome: 'wins', file: 'a' });
});

test('a network that CRI-O is told to take', () => {
  expect(chooseForCrio([valid('a', 'one'), valid('b', 'two')], 'two')).toEqual({ outcome: 'wins', file: 'b' });
  expect(chooseForCrio([valid('a', 'one')], 'two')).toEqual({ outcome: 'none', file: null });
});
