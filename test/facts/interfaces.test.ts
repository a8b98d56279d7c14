import { expect, test } from 'vitest';
import interfaces from '../../src/facts/interfaces.ts';
import type { InterfaceAddress } from '../../src/system/system.ts';
import type { Files } from '../hosts/directory.ts';
import { readFrom } from './read-from.ts';

const NET = 'sys/class/net';

interface Made {
  readonly index: number;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
}

function link(name: string, { index, attributes = {}, links = {} }: Made): Files {
  const all = {
    ifindex: `${index}\n`,
    iflink: `${index}\n`,
    type: '1\n',
    flags: '0x1003\n',
    mtu: '1500\n',
    address: `52:54:00:00:00:0${index}\n`,
    addr_assign_type: '0\n',
    carrier: '1\n',
    uevent: `INTERFACE=${name}\nIFINDEX=${index}\n`,
    ...attributes,
  };
  return Object.fromEntries([
    ...Object.entries(all).map(([file, text]) => [`${NET}/${name}/${file}`, text] as const),
    ...Object.entries(links).map(([file, target]) => [`${NET}/${name}/${file}`, { link: target }] as const),
  ]);
}

const read = (files: Files, addresses: InterfaceAddress[] = []) =>
  readFrom(interfaces, files, { differs: { live: true, addresses: async () => addresses } });
const kinds = async (files: Files) =>
  Object.fromEntries(
    (await read(files)).interfaces.map(({ name, kind, parent }) => [
      name,
      parent === null ? kind : `${kind} on ${parent}`,
    ]),
  );

const device = { device: '../../../devices/pci0000:00' };
const lo = link('lo', {
  index: 1,
  attributes: { type: '772\n', flags: '0x9\n', address: '00:00:00:00:00:00\n', mtu: '65536\n' },
});

test('a server, its addresses and a file that is no interface', async () => {
  const { interfaces: found } = await read(
    { ...lo, ...link('eth0', { index: 2, links: device }), [`${NET}/bonding_masters`]: 'bond0\n' },
    [
      { name: 'eth0', address: '10.0.0.12', prefix: 24, family: 4, mac: '52:54:00:00:00:02' },
      { name: 'lo', address: '127.0.0.1', prefix: 8, family: 4, mac: '00:00:00:00:00:00' },
    ],
  );
  expect(found.map(({ name, loopback, mac }) => ({ name, loopback, mac }))).toEqual([
    { name: 'lo', loopback: true, mac: null },
    { name: 'eth0', loopback: false, mac: '52:54:00:00:00:02' },
  ]);
  expect(found[1]).toEqual({
    name: 'eth0',
    index: 2,
    up: true,
    carrier: true,
    loopback: false,
    kind: 'physical',
    master: null,
    parent: null,
    mac: '52:54:00:00:00:02',
    addressAssignType: 0,
    mtu: 1500,
    virtualFunction: false,
    addresses: [{ address: '10.0.0.12', prefix: 24, family: 4 }],
  });
});

test('kinds, by what sysfs tells of them', async () => {
  const devtype = (name: string) => ({ uevent: `DEVTYPE=${name}\nINTERFACE=x\n` });
  expect(
    await kinds({
      ...lo,
      ...link('eth0', { index: 2, links: device }),
      ...link('br0', { index: 3, attributes: { 'bridge/stp_state': '0\n', ...devtype('bridge') } }),
      ...link('bond0', { index: 4, attributes: { 'bonding/mode': 'x\n' }, links: { lower_eth0: '../eth0' } }),
      ...link('bond0.7', { index: 5, attributes: devtype('vlan'), links: { lower_bond0: '../bond0' } }),
      ...link('old.8', { index: 6, attributes: { ...devtype('vlan'), iflink: '2\n' } }),
      ...link('veth1', { index: 7, attributes: { iflink: '2\n' } }),
      ...link('mv0', { index: 8, attributes: { iflink: '2\n' }, links: { lower_eth0: '../eth0' } }),
      ...link('vx0', { index: 9, attributes: devtype('vxlan'), links: { lower_eth0: '../eth0' } }),
      ...link('d0', { index: 10, attributes: { flags: '0x82\n', address: '52:54:00:00:00:10\n' } }),
      ...link('tun0', { index: 11, attributes: { type: '65534\n', address: '\n', tun_flags: '0x1001\n' } }),
      ...link('tunl0', { index: 12, attributes: { type: '768\n', iflink: '0\n', address: '0.0.0.0\n' } }),
      ...link('odd', { index: 13, attributes: { address: '52:54:00:00:00:13\n' } }),
    }),
  ).toEqual({
    lo: 'other',
    eth0: 'physical',
    br0: 'bridge',
    bond0: 'bond',
    'bond0.7': 'vlan on bond0',
    'old.8': 'vlan on eth0',
    veth1: 'veth',
    mv0: 'macvlan on eth0',
    vx0: 'vxlan on eth0',
    d0: 'dummy',
    tun0: 'tunnel',
    tunl0: 'tunnel',
    odd: 'other',
  });
});

test('a slave, a virtual function, and one that is down, whose carrier the kernel does not show', async () => {
  const { interfaces: found } = await read({
    ...link('eth0', { index: 2, links: { ...device, master: '../br0' } }),
    ...link('eth1', { index: 3, attributes: { flags: '0x1002\n', carrier: '', 'device/physfn': '' } }),
  });
  expect(
    found.map(({ name, master, virtualFunction, up, carrier }) => [name, master, virtualFunction, up, carrier]),
  ).toEqual([
    ['eth0', 'br0', false, true, true],
    ['eth1', null, true, false, false],
  ]);
});

test.each([
  ['ifindex', 'two\n'],
  ['mtu', '1e9\n'],
  ['flags', ''],
  ['address', 'x'.repeat(500)],
  ['address', '52:54:00:12:34:56\n\0\0\0'],
])('nonsense in sysfs is not taken for an interface that is not there: %s', async (file, text) => {
  const files = { ...lo, ...link('eth0', { index: 2, attributes: { [file]: text } }) };
  await expect(read(files)).rejects.toMatchObject({ why: 'error' });
});

const DEV = 'Inter-|   Receive\n face |bytes\n    lo: 0 0\n  eth0: 0 0\n';
const own = { ...lo, ...link('eth0', { index: 2, links: device }), 'proc/net/dev': DEV };

test('sysfs of the process’s own namespace', async () => {
  const igmp =
    'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n2\teth0      :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n';
  const inet6 = 'fe80000000000000c4344dfffe758d3c 02 40 20 80     eth0\n';
  const { interfaces: found } = await read({ ...own, 'proc/net/igmp': igmp, 'proc/net/if_inet6': inet6 });
  expect(found).toHaveLength(2);
});

test.each([
  ['other names', { ...own, 'proc/net/dev': DEV.replace('eth0', 'wan0') }, []],
  ['more names', { ...own, ...link('eth1', { index: 3 }) }, []],
  ['another index', { ...own, 'proc/net/if_inet6': 'fe80000000000000c4344dfffe758d3c 0a 40 20 80     eth0\n' }, []],
  [
    'another hardware address',
    own,
    [{ name: 'eth0', address: '10.0.0.12', prefix: 24, family: 4, mac: '52:54:00:ff:ff:ff' } as const],
  ],
])('sysfs of another namespace is refused: %s', async (_name, files, addresses) => {
  await expect(read(files, addresses)).rejects.toMatchObject({ why: 'unsupported' });
});

test('no sysfs', async () => {
  await expect(read({ 'proc/net/dev': DEV })).rejects.toMatchObject({ why: 'missing' });
});
