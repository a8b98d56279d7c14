import { expect, test } from 'vitest';
import { mistakenPeer, type Named } from '../../../src/cli/peers/mistaken-peers.ts';
import type { Role } from '../../../src/plan/settings.ts';

const named = (
  host: string,
  remoteAddress: string,
  instance: string,
  { role = null, said = [], machine = null }: { role?: Role | null; said?: Role[]; machine?: string | null } = {},
): Named => ({
  name: { roles: role === null ? [] : [role], host, port: 10_777, text: role === null ? host : `${role}@${host}` },
  peer: { remoteAddress, machine },
  welcome: { instance, said: { role: said }, addresses: [remoteAddress] },
});
const absent = (host: string): Named => ({
  name: { roles: [], host, port: 10_777, text: host },
  peer: null,
  welcome: null,
});
const OWN = ['10.0.0.1', 'fd00::1', '127.0.0.1', '::1'];

test('machines of their own, and some that could not be had', () => {
  const meetings = [
    named('cp1', '10.0.0.11', 'a'),
    absent('10.0.0.12'),
    absent('10.0.0.13'),
    named('cp2', '10.0.0.14', 'b'),
  ];
  expect(mistakenPeer(meetings, OWN)).toBeNull();
});

test('one machine under two names', () => {
  const meetings = [named('cp1', '10.0.0.11', 'a'), named('w1', '10.0.0.12', 'b'), named('fd00::11', 'fd00::11', 'a')];
  const words = '--peer cp1 and --peer fd00::11 are one machine; name each machine once.';
  expect(mistakenPeer(meetings, OWN)).toBe(words);
  expect(mistakenPeer(meetings, null)).toBe(words);
});

test.each(['10.0.0.1', '127.0.0.1', '127.0.0.53', '::1', 'fd00:0:0::1', '::ffff:127.0.0.1'])(
  'this machine itself, reached at %s; where it takes no part it is a peer as any other',
  (address) => {
    const meetings = [named('cp1', '10.0.0.11', 'a'), named('me', address, 'b')];
    expect(mistakenPeer(meetings, OWN)).toBe(
      '--peer me: that is this machine, which takes part by itself; name the others only.',
    );
    expect(mistakenPeer(meetings, null)).toBeNull();
  },
);

test('another role than the machine has', () => {
  const said: Role[] = ['control-plane', 'etcd'];
  expect(mistakenPeer([named('cp1', '10.0.0.11', 'a', { role: 'worker', said })], OWN)).toBe(
    '--peer worker@cp1: that machine listens as control-plane and etcd, not as worker.',
  );
  for (const role of ['etcd', null] as const)
    expect(mistakenPeer([named('cp1', '10.0.0.11', 'a', { role, said })], OWN)).toBeNull();
  expect(mistakenPeer([named('cp1', '10.0.0.11', 'a', { role: 'worker' })], OWN)).toBeNull();
});

test('over ssh, where each name has a process of its own, the machine tells, and its addresses', () => {
  const over = (host: string, address: string, instance: string, machine = 'boot-1') =>
    named(host, address, instance, { machine });
  const called = ({ text }: { text: string }) => `hosts.ini: ${text}`;
  expect(mistakenPeer([over('a', '10.0.0.11', '1'), over('b', '10.0.0.11', '2')], null, called)).toBe(
    'hosts.ini: a and hosts.ini: b are one machine; name each machine once.',
  );
  // A copy of a running machine, and a machine with the address of another one.
  expect(mistakenPeer([over('a', '10.0.0.11', '1'), over('b', '10.0.0.12', '2')], null, called)).toBeNull();
  expect(mistakenPeer([over('a', '10.0.0.11', '1'), over('b', '10.0.0.11', '2', 'boot-2')], null, called)).toBeNull();
});
