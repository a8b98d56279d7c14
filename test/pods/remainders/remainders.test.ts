import { expect, test } from 'vitest';
import { parseList } from '../../../src/kubernetes/cni/config-list.ts';
import type { HostLink } from '../../../src/pods/host/host-links.ts';
import type { HostRoute, HostState } from '../../../src/pods/host/host-state.ts';
import { remainders } from '../../../src/pods/remainders/remainders.ts';
import type { Ours } from '../../../src/pods/remainders/found.ts';

const ID = 'seaworthy-aa';
const RESERVATIONS = '/var/lib/cni/networks/lab';

const network = parseList(
  JSON.stringify({
    name: 'lab',
    cniVersion: '1.0.0',
    plugins: [{ type: 'bridge', bridge: 'cni0', isGateway: true, ipam: { type: 'host-local' } }],
  }),
);
if ('problem' in network) throw new Error(network.problem);
const ours: Ours = {
  network: network.value,
  binDirs: ['/opt/cni/bin'],
  containerIds: [ID],
  interfaces: ['cni0', 'veth0a'],
  addresses: ['10.99.7.2', 'fd00:7::2'],
};

const link = (name: string, kind: string | null, more: Partial<HostLink> = {}): HostLink => ({
  name,
  kind,
  index: 1,
  elsewhere: null,
  mtu: 1500,
  up: true,
  master: null,
  addresses: [],
  ...more,
});
const route = (destination: string, name: string, gateway: string | null = null, advertised = false): HostRoute => ({
  destination,
  gateway,
  interface: name,
  metric: 0,
  advertised,
});

const fresh: HostState = {
  links: [link('eth0', null)],
  routes: [route('0.0.0.0/0', 'eth0', '10.0.0.1')],
  tables: [],
  sysctls: {
    'net/ipv4/ip_forward': '0',
    'net/ipv6/conf/all/forwarding': '0',
    'net/ipv4/conf/all/accept_redirects': '1',
    'net/ipv4/conf/eth0/forwarding': '0',
    'net/ipv6/conf/eth0/forwarding': '0',
  },
  directories: { [RESERVATIONS]: null },
  absent: ['/var/lib/cni/networks', '/var/lib/cni'],
  namespaces: [],
  processes: [1],
  plugins: [],
};

const FORWARDING_ON = { ...fresh.sysctls, 'net/ipv4/ip_forward': '1', 'net/ipv4/conf/eth0/forwarding': '1' };
const bridge = link('cni0', 'bridge', { addresses: ['10.99.7.1/24'] });
const after: HostState = {
  ...fresh,
  links: [...fresh.links, bridge],
  routes: [...fresh.routes, route('10.99.7.0/24', 'cni0')],
  sysctls: FORWARDING_ON,
  directories: { [RESERVATIONS]: { lock: null, 'last_reserved_ip.0': null } },
  absent: [],
};

const told = (before: HostState, now: HostState) => {
  const { found, inUse, others } = remainders(before, now, ours);
  return {
    found: found.map(({ as, told: { what, name } }) => `${as} ${what} ${name}`),
    inUse: inUse.map(({ what, name }) => `${what} ${name}`),
    others,
  };
};

test('a host on which nothing changed', () => {
  expect(told(fresh, fresh)).toEqual({ found: [], inUse: [], others: false });
});

test('what the plugins keep: the bridge, forwarding, files without a reservation', () => {
  expect(told(fresh, after)).toEqual({
    found: ['kept interface cni0', 'kept sysctl net.ipv4.ip_forward', `kept file ${RESERVATIONS}`],
    inUse: [],
    others: false,
  });
  const { found } = remainders(fresh, after, ours);
  expect(found.map(({ undo }) => undo)).toEqual([
    { do: 'delete-link', name: 'cni0' },
    {
      do: 'write-sysctls',
      values: [
        ['net/ipv4/ip_forward', '0'],
        ['net/ipv4/conf/all/accept_redirects', '1'],
        ['net/ipv4/conf/eth0/forwarding', '0'],
      ],
    },
    {
      do: 'remove-files',
      files: [`${RESERVATIONS}/lock`, `${RESERVATIONS}/last_reserved_ip.0`],
      directories: [RESERVATIONS, '/var/lib/cni/networks', '/var/lib/cni'],
    },
  ]);
});

const unclear = (before: HostState, now: HostState) =>
  remainders(before, now, ours).unclear.map(({ what, name }) => `${what} ${name}`);

test('what leads to none of our pods is told as that, and stays', () => {
  expect(unclear(fresh, fresh)).toEqual([]);
  expect(unclear(fresh, after)).toEqual([]);
  const rule = { id: '7', jumps: [], words: ['203.0.113.1'], comment: null };
  const chain = { name: 'POSTROUTING', base: true, policy: 'accept', rules: [] };
  const table: HostState['tables'][number] = { backend: 'nft', family: 'ip', name: 'nat', chains: [chain], others: 0 };
  const now: HostState = {
    ...fresh,
    links: [link('eth0', null, { addresses: ['203.0.113.1/24'] }), link('odd0', 'dummy')],
    routes: [
      ...fresh.routes,
      route('203.0.113.0/24', 'eth0'),
      route('203.0.113.9/32', 'odd0'),
      route('fe80::/64', 'eth0'),
      route('2001:db8::/64', 'eth0', null, true),
    ],
    tables: [{ ...table, chains: [{ ...chain, rules: [rule] }] }],
    namespaces: ['odd'],
  };
  const before = { ...fresh, tables: [table] };
  expect(unclear(before, now)).toContain('interface odd0');
  // A bridge that nobody knows may be that of a container engine: what else came may be its own.
  const engine = { ...now, links: [...now.links.slice(0, 1), link('odd0', 'bridge')] };
  expect(unclear(before, engine)).toEqual(['interface odd0']);
  // What could not be put back for its sake is told with it.
  expect(unclear(fresh, { ...after, links: [...after.links, link('odd0', 'bridge')] })).toEqual([
    'interface odd0',
    'interface cni0',
    'sysctl net.ipv4.ip_forward',
  ]);
  expect(unclear({ ...before, links: [link('eth0', null), link('odd0', 'dummy')] }, now)).toEqual([
    'address 203.0.113.1/24 of eth0',
    'route 203.0.113.0/24 dev eth0 metric 0',
    'route 203.0.113.9/32 dev odd0 metric 0',
    'rule table ip nat chain POSTROUTING, a rule',
  ]);
});

const othersPod = link('vethreal', 'veth', { master: 'cni0', elsewhere: 2 });

test.each<[string, Partial<HostState>]>([
  ['a veth of a real pod', { links: [...after.links, othersPod] }],
  ['an interface of a container engine', { links: [...after.links, link('docker0', 'bridge')] }],
  ['a reservation for a real pod', { directories: { [RESERVATIONS]: { '10.99.7.3': '4f2a9c' } } }],
  ['a plugin at work for a real pod', { plugins: [{ pid: 9, containerId: '4f2a9c' }] }],
  ['a network namespace of the runtime', { namespaces: ['cni-4f2a9c0d-e1b3-4f2a-9c0d-e1b34f2a9c0d'] }],
])('%s came meanwhile: nothing is put back that it may use', (_, change) => {
  const seen = told(fresh, { ...after, ...change });
  expect(seen.found).toEqual([]);
  expect(seen.inUse).toEqual(['interface cni0', 'sysctl net.ipv4.ip_forward']);
  expect(seen.others).toBe(true);
});

test('an interface with both ends here is no pod’s: what the plugins keep is put back beside it', () => {
  const pair = [link('leak0', 'veth'), link('leak1', 'veth')];
  const seen = told(fresh, { ...after, links: [...after.links, ...pair] });
  expect(seen.found).toEqual(told(fresh, after).found);
  expect(seen.others).toBe(false);
});

test('a plugin of somebody else that was at work before may count on what it found switched on', () => {
  const seen = told({ ...fresh, plugins: [{ pid: 9, containerId: '4f2a9c' }] }, after);
  expect(seen.found).toEqual([]);
  expect(seen.inUse).toContain('sysctl net.ipv4.ip_forward');
});

test.each<[string, Partial<HostState>]>([
  ['an address by DHCP', { links: [link('eth0', null, { addresses: ['10.0.0.9/24'] })] }],
  ['a route', { routes: [...fresh.routes, route('10.200.0.0/16', 'eth0', '10.0.0.2')] }],
  ['an interface that went down', { links: [link('eth0', null, { up: false })] }],
  ['a namespace by hand', { namespaces: ['vpn'] }],
  ['forwarding of one interface', { sysctls: { ...fresh.sysctls, 'net/ipv4/conf/eth0/forwarding': '1' } }],
  ['a route that went', { routes: [] }],
])('somebody else’s change is not told: %s', (_, change) => {
  expect(told(fresh, { ...fresh, ...change })).toEqual({ found: [], inUse: [], others: false });
});

test('what is of our pods should be gone, also beside pods of others', () => {
  const leaking: HostState = {
    ...fresh,
    links: [...fresh.links, link('veth0a', 'veth'), othersPod],
    routes: [...fresh.routes, route('10.99.7.2/32', 'eth0'), route('fd00:7::2/128', 'veth0a')],
    directories: { [RESERVATIONS]: { '10.99.7.2': ID, '10.99.7.3': '4f2a9c' } },
    namespaces: [ID],
    plugins: [{ pid: 7, containerId: ID }],
  };
  expect(told(fresh, leaking).found).toEqual([
    'leaked process pid 7',
    'leaked interface veth0a',
    'leaked route 10.99.7.2/32 dev eth0 metric 0',
    `leaked reservation ${RESERVATIONS}/10.99.7.2`,
    `leaked namespace ${ID}`,
  ]);
});

test('a joined node: bridge, forwarding and directory were there, and stay', () => {
  const joined = { ...after, links: [...after.links, othersPod] };
  const later = {
    ...joined,
    directories: { [RESERVATIONS]: { lock: null, 'last_reserved_ip.0': null, 'last_reserved_ip.1': null } },
  };
  expect(told(joined, joined)).toEqual({ found: [], inUse: [], others: false });
  expect(told(joined, later).found).toEqual([`kept file ${RESERVATIONS}/last_reserved_ip.1`]);
  const [only] = remainders(joined, later, ours).found;
  expect(only?.undo).toMatchObject({ files: [`${RESERVATIONS}/last_reserved_ip.1`], directories: [] });
});

test('a bridge that was there, empty: its address and that it is up', () => {
  const before = { ...fresh, links: [...fresh.links, link('cni0', 'bridge', { up: false })] };
  expect(told(before, { ...fresh, links: after.links }).found).toEqual([
    'kept address 10.99.7.1/24 of cni0',
    'kept interface cni0',
  ]);
});

test('what only has the name of the bridge is not deleted', () => {
  const renamed = { ...fresh, links: [...fresh.links, link('cni0', 'vxlan')] };
  expect(remainders(fresh, renamed, { ...ours, interfaces: [] }).found).toEqual([]);
});

test('a default route that a router told is lost when the host forwards', () => {
  const before = { ...fresh, routes: [route('::/0', 'eth0', 'fe80::1', true), route('::/0', 'eth1', 'fe80::2')] };
  const now = { ...fresh, routes: [], sysctls: { ...fresh.sysctls, 'net/ipv6/conf/all/forwarding': '1' } };
  expect(told(before, now).found).toEqual([
    'kept sysctl net.ipv6.conf.all.forwarding',
    'kept route ::/0 via fe80::1 dev eth0 metric 0',
  ]);
  expect(told(before, { ...now, sysctls: fresh.sysctls }).found).toEqual([]);
});

test('a failed ADD has no result: the bridge is known by the configuration', () => {
  const { found } = remainders(fresh, after, { ...ours, interfaces: [], addresses: [] });
  expect(found.map(({ told: { name } }) => name)).toContain('cni0');
});
