import { expect, test } from 'vitest';
import { collision } from '../../../src/judging/ports/port-collision.ts';
import type { Bind } from '../../../src/kubernetes/ports.ts';

const cases: readonly [string, readonly Bind[], string, readonly string[], string][] = [
  ['a component on every address', ['all'], '10.9.9.9', [], 'yes'],
  ['a component on every address, of the other family', ['all'], 'fe80::1', [], 'yes'],
  ['loopback against the IPv4 wildcard', ['loopback'], '0.0.0.0', [], 'yes'],
  ['loopback against the dual-stack wildcard', ['loopback'], '::', [], 'yes'],
  ['loopback against itself', ['loopback'], '127.0.0.1', [], 'yes'],
  ['loopback against an IPv4 listener of an IPv6 socket', ['loopback'], '::ffff:127.0.0.1', [], 'yes'],
  ['loopback against another loopback address', ['loopback'], '127.0.0.53', [], 'no'],
  ['loopback against an address of the node', ['loopback'], '10.0.0.5', ['10.0.0.5'], 'no'],
  ['IPv4 loopback against ::1', ['loopback'], '::1', ['10.0.0.5'], 'no'],
  ['loopback of an IPv6 node against ::1', ['loopback'], '::1', ['2001:db8::5'], 'yes'],
  ['the node address against itself', ['node'], '10.0.0.5', ['10.0.0.5'], 'yes'],
  ['the node address in another spelling', ['node'], '2001:db8::5', ['2001:DB8:0::5'], 'yes'],
  ['the node address against another one', ['node'], '10.0.0.6', ['10.0.0.5'], 'no'],
  ['the node address against loopback', ['node'], '127.0.0.1', ['10.0.0.5'], 'no'],
  ['an IPv6 node address against the IPv4 wildcard', ['node'], '0.0.0.0', ['2001:db8::5'], 'no'],
  ['an unknown node address against any address', ['node'], '10.0.0.6', [], 'unknown'],
  ['an unknown node address against a link-local one', ['node'], '169.254.1.1', [], 'no'],
  ['an unknown node address against the wildcard', ['node'], '0.0.0.0', [], 'yes'],
];

test.each(cases)('%s', (_, bind, listener, addresses, expected) =>
  expect(collision(bind, { address: listener }, addresses)).toBe(expected),
);

test.each<[string, readonly Bind[], readonly string[], string]>([
  ['IPv4 loopback', ['loopback'], ['10.0.0.5'], 'no'],
  ['loopback of an IPv6 node', ['loopback'], ['2001:db8::5'], 'yes'],
  ['an IPv4 node address', ['node'], ['10.0.0.5'], 'no'],
  ['an IPv6 node address', ['node'], ['2001:db8::5'], 'yes'],
  ['an unknown node address', ['node'], [], 'unknown'],
  ['every address', ['all'], ['10.0.0.5'], 'yes'],
])('all addresses of IPv6 without IPv4 against %s', (_, bind, addresses, expected) =>
  expect(collision(bind, { address: '::', ipv6Only: true }, addresses)).toBe(expected),
);
