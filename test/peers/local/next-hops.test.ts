import { expect, test } from 'vitest';
import { unresolved } from '../../../src/peers/local/next-hops.ts';
import { rootedSystem } from '../../../src/system/rooted.ts';
import { withDirectory } from '../../hosts/directory.ts';

const ARP = `IP address       HW type     Flags       HW address            Mask     Device
10.77.0.99       0x1         0x0         00:00:00:00:00:00     *        eth0
10.77.0.5        0x1         0x0         00:00:00:00:00:00     *        eth0
10.77.0.1        0x1         0x2         02:00:00:00:00:01     *        eth0
10.77.0.6        0x1         0x0         00:00:00:00:00:00     *        eth1
`;
/** The default route by 10.77.0.1, 10.78.0.0/24 by 10.77.0.99, the link itself. */
const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	01004D0A	0003	0	0	100	00000000	0	0	0
eth0	00004E0A	63004D0A	0003	0	0	100	00FFFFFF	0	0	0
eth0	00004D0A	00000000	0001	0	0	100	00FFFFFF	0	0	0
`;

test('addresses that nobody answers for: their own entries, and those of the gateway that leads to them', async () => {
  await withDirectory({ 'proc/net/arp': ARP, 'proc/net/route': ROUTES }, async (root) => {
    const members = ['10.77.0.5', '10.77.0.6', '10.78.0.2', '10.79.0.2', 'fd00::2'];
    expect(await unresolved(rootedSystem(root), members)).toEqual(['10.77.0.5', '10.78.0.2']);
  });
});

const listing = (...rows: readonly (readonly [dst: string, dev: string, state: string])[]) =>
  JSON.stringify(rows.map(([dst, dev, state]) => ({ dst, dev, ...(state === '' ? {} : { state: [state] }) })));
/** fd78::/64 by fe80::99 and fd79::/64 by fe80::1, both on eth0, and the link itself. */
const ROUTES6 = ['fd78', 'fd79', 'fd77']
  .map((prefix, index) => {
    const gateway = ['fe80'.padEnd(30, '0') + '99', 'fe80'.padEnd(30, '0') + '01', ''.padEnd(32, '0')][index] ?? '';
    return `${prefix.padEnd(32, '0')} 40 ${''.padEnd(32, '0')} 00 ${gateway} 00000400 00000001 00000000 0000000${index === 2 ? 1 : 3} eth0`;
  })
  .join('\n');

test('of IPv6 a program tells', async () => {
  const stdout = listing(
    ['fd77::5', 'eth0', 'FAILED'],
    ['fd77::6', 'eth0', 'REACHABLE'],
    ['fe80::99', 'eth0', 'INCOMPLETE'],
    // Another link, on which somebody else has the same address.
    ['fe80::1', 'eth1', 'FAILED'],
    ['fd77::6', 'eth1', 'FAILED'],
    ['fd77::7', 'eth0', ''],
  );
  const members = ['fd77::5', 'fd77::6', 'fd77::7', 'fd78::2', 'fd79::2', '10.77.0.5'];
  await withDirectory({ 'proc/net/ipv6_route': ROUTES6 }, async (root) => {
    for (const [found, expected] of [
      ['/sbin/ip', ['fd77::5', 'fd78::2']],
      [null, []],
    ] as const) {
      const programs = {
        find: async () => found,
        run: async () => ({ exitCode: 0, killedBy: null, stdout, stderr: '' }),
      };
      expect(await unresolved({ ...rootedSystem(root), programs }, members)).toEqual(expected);
    }
    const odd = {
      find: async () => '/bin/ip',
      run: async () => ({ exitCode: 1, killedBy: null, stdout: 'ip: -j?', stderr: '' }),
    };
    expect(await unresolved({ ...rootedSystem(root), programs: odd }, members)).toEqual([]);
  });
});

test('a machine that shows neither table', async () => {
  await withDirectory({}, async (root) => {
    expect(await unresolved(rootedSystem(root), ['10.77.0.5'])).toEqual([]);
  });
});
