import { expect, test } from 'vitest';
import { best, uplink } from '../../../src/pods/existing/find-pods.ts';
import type { HostLink } from '../../../src/pods/host/host-links.ts';

const link = (
  index: number,
  kind: string | null,
  elsewhere: number | null,
  more: Partial<HostLink> = {},
): HostLink => ({
  name: `if${index}`,
  kind,
  index,
  elsewhere,
  mtu: 1500,
  up: true,
  master: null,
  addresses: ['10.244.1.10/24'],
  ...more,
});

const lo = link(1, null, null);
const eth0 = link(2, 'veth', 7);

test.each<[string, HostLink[], HostLink[], HostLink | null]>([
  ['a veth whose peer is here', [lo, eth0], [link(7, 'veth', 2)], eth0],
  ['another interface has the index of its peer', [lo, eth0], [link(7, 'bridge', null)], null],
  ['a veth of here that leads to another pod', [lo, eth0], [link(7, 'veth', 3)], null],
  ['its peer is on another machine made of namespaces', [lo, eth0], [link(8, 'veth', 2)], null],
  ['it is down', [lo, { ...eth0, up: false }], [link(7, 'veth', 2)], null],
  ['it has no address', [lo, { ...eth0, addresses: [] }], [link(7, 'veth', 2)], null],
  [
    'ipvlan stands on an interface of the host',
    [lo, link(2, 'ipvlan', 3)],
    [link(3, null, null)],
    link(2, 'ipvlan', 3),
  ],
  ['loopback alone', [lo], [link(7, 'veth', 2)], null],
])('the way out of a pod: %s', (_, inside, host, found) => {
  expect(uplink(inside, host)).toEqual(found);
});

test('those of both families first, each address once as far as there are enough, the order otherwise kept', () => {
  const pods = [
    ['10.0.0.1/24'],
    ['10.0.0.2/24', 'fd00::2/64'],
    ['10.0.0.1/24', 'fd00::1/64'],
    ['10.0.0.3/24', 'fd00::3/64'],
  ];
  const chosen = (count: number) =>
    best(
      pods.map((addresses) => ({ addresses })),
      count,
    ).map(({ addresses }) => addresses);
  expect(chosen(2)).toEqual([pods[1], pods[3]]);
  expect(chosen(3)).toEqual([pods[1], pods[3], pods[0]]);
  expect(chosen(5)).toEqual([pods[1], pods[3], pods[0], pods[2]]);
  expect(best([], 2)).toEqual([]);
});
