import { expect, test } from 'vitest';
import type { CniResult } from '../../../src/cni/result.ts';
import { differences } from '../../../src/pods/throw-away/claims.ts';
import { parsePodTables, type PodNetwork } from '../../../src/pods/throw-away/pod-network.ts';
import { BRIDGED } from '../tables.ts';

const eth0 = { name: 'eth0', mac: '02:00:00:00:00:05', mtu: 1450 };
const pod: PodNetwork = { interfaces: [eth0], ...parsePodTables(BRIDGED) };

const NO_DNS = { nameservers: [], domain: null, search: [], options: [] };
const truth: CniResult = {
  interfaces: [
    { name: 'cni0', mac: '02:00:00:00:00:01', sandbox: null, mtu: 9000 },
    { name: 'eth0', mac: '02:00:00:00:00:05', sandbox: '/proc/7/ns/net', mtu: 1450 },
  ],
  ips: [
    { address: '10.244.1.5/24', gateway: '10.244.1.1', interface: 1 },
    { address: 'fd00:1::5/64', gateway: null, interface: null },
    // An address of the host's end is not looked for in the pod.
    { address: '10.244.1.1/24', gateway: null, interface: 0 },
  ],
  routes: [route('0.0.0.0/0', '10.244.1.1'), route('10.244.0.0/16', null), route('::/0', 'fd00:1::1')],
  dns: { ...NO_DNS, nameservers: ['10.96.0.10', 'fd00::a'] },
};

function route(dst: string, gw: string | null): CniResult['routes'][number] {
  return { dst, gw, mtu: null, advmss: null, priority: null, table: null, scope: null };
}

test('a result that is true', () => {
  expect(differences(truth, 'eth0', pod)).toEqual([]);
});

test('a result that says nothing claims the interface alone', () => {
  const nothing = { interfaces: [], ips: [], routes: [], dns: NO_DNS };
  expect(differences(nothing, 'eth0', pod)).toEqual([]);
  expect(differences(nothing, 'eth0', { interfaces: [], addresses: [], routes: [] })).toEqual([
    { what: 'interface', claimed: 'eth0', found: null },
  ]);
});

const inside = (changed: object) => ({
  ...truth,
  interfaces: truth.interfaces.map((each) => (each.sandbox === null ? each : { ...each, ...changed })),
});
const ips = (address: string) => ({ ...truth, ips: [{ address, gateway: null, interface: null }] });

test.for([
  ['interface', inside({ name: 'net1' }), 'net1', null],
  ['mac', inside({ mac: '02:00:00:00:00:06' }), '02:00:00:00:00:06', '02:00:00:00:00:05'],
  ['mtu', inside({ mtu: 1500 }), '1500', '1450'],
  ['address', ips('10.244.1.6/24'), '10.244.1.6/24', null],
  ['address', ips('10.244.1.5/16'), '10.244.1.5/16', '10.244.1.5/24'],
  ['address', ips('10.244.1.5/32'), '10.244.1.5/32', '10.244.1.5/24'],
  ['address', ips('fd00:1::5/128'), 'fd00:1::5/128', 'fd00:1::5/64'],
  ['route', { ...truth, routes: [route('192.168.0.0/16', null)] }, '192.168.0.0/16', null],
  [
    'route',
    { ...truth, routes: [route('0.0.0.0/0', '10.244.1.2')] },
    '0.0.0.0/0 via 10.244.1.2',
    '0.0.0.0/0 via 10.244.1.1',
  ],
  ['route', { ...truth, routes: [route('2001:db8::/32', null)] }, '2001:db8::/32', null],
  ['dns', { ...truth, dns: { ...NO_DNS, nameservers: ['kube-dns'] } }, 'kube-dns', null],
] as const)('%s: %o', ([what, result, claimed, found]) => {
  expect(differences(result, 'eth0', pod)).toEqual([{ what, claimed, found }]);
});

test('host bits of a route and the case of a hardware address are no difference', () => {
  const odd = { ...inside({ mac: '02:00:00:00:00:05'.toUpperCase() }), routes: [route('10.244.9.9/16', null)] };
  expect(differences(odd, 'eth0', pod)).toEqual([]);
});

test('a route of another table has no gateway that could be told', () => {
  const moved = { ...truth, routes: [route('172.20.0.0/16', '10.244.1.9')] };
  expect(differences(moved, 'eth0', pod)).toEqual([]);
});
