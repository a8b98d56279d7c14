import { expect, test } from 'vitest';
import { ownNode } from '../../src/kubernetes/own-node.ts';

const W1 = { name: 'w1', internalIps: ['10.0.0.12'] };
const W2 = { name: 'w2', internalIps: ['10.0.0.13', 'fd00::13'] };

test.each([
  ['by name and address', { name: 'w1', addresses: ['127.0.0.1', '10.0.0.12'] }, W1],
  ['by address, where the host is called otherwise', { name: 'ip-10-0-0-12', addresses: ['10.0.0.12'] }, W1],
  ['by address, where another node has the name of the host', { name: 'w2', addresses: ['10.0.0.12'] }, W1],
  ['by address, however it is written', { name: 'x', addresses: ['fd00:0:0::13'] }, W2],
  ['by name, where no address fits', { name: 'w2', addresses: ['192.0.2.1'] }, W2],
  ['by nothing', { name: 'x', addresses: ['192.0.2.1'] }, null],
] as const)('a machine is its node %s', (_how, machine, node) => {
  expect(ownNode([W1, W2], machine)).toBe(node);
});

test('an address that several nodes have is that of the one of its name', () => {
  const twin = { name: 'w3', internalIps: ['10.0.0.12'] };
  expect(ownNode([W1, twin], { name: 'w3', addresses: ['10.0.0.12'] })).toBe(twin);
});
