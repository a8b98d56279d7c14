import { expect, test } from 'vitest';
import { unresolved } from '../../src/peers/next-hops.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { withDirectory } from '../hosts/directory.ts';

const ARP = `IP address       HW type     Flags       HW address            Mask     Device
10.77.0.99       0x1         0x0         00:00:00:00:00:00     *        eth0
10.77.0.5        0x1         0x0         00:00:00:00:00:00     *        eth0
10.77.0.1        0x1         0x2         02:00:00:00:00:01     *        eth0
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

test('a machine that shows neither table', async () => {
  await withDirectory({}, async (root) => {
    expect(await unresolved(rootedSystem(root), ['10.77.0.5'])).toEqual([]);
  });
});
