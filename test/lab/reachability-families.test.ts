import { expect } from 'vitest';
import { labTest } from './lab.ts';
import { faults, pair, rules, tried, way } from './reach.ts';

const DUAL = [
  '--role',
  'control-plane',
  '--cni',
  'flannel',
  '--pod-cidr',
  '10.244.0.0/16,fd01::/48',
  '--only',
  'ports',
  '--node-port-range',
  '30000-30019',
  '--peer',
  'control-plane@10.77.0.2',
] as const;

labTest('dual stack: each family is judged by its own packets', async ({ lab }) => {
  const [own, peer] = await pair(lab, ['fd77::1/64', 'fd77::2/64']);
  for (const host of [own, peer]) await host.sh('ip route add default dev eth0; ip -6 route add default dev eth0');
  const healthy = await tried([own, peer], ...DUAL);
  expect(faults(healthy.filter(({ nodes }) => nodes.length > 1))).toEqual({});
  expect(way(healthy, 'cp1', 'cp2', 'tcp/6443 over IPv6')).toMatchObject({
    probe: { to: { address: 'fd77::2' }, receiver: { source: 'fd77::1' } },
  });
  await rules(peer, {
    input: ['meta nfproto ipv6 tcp dport { 10250, 30005-30009 } drop', 'meta nfproto ipv6 udp dport 8472 drop'],
  });
  const found = await tried([own, peer], ...DUAL);
  expect(faults(found.filter(({ nodes }) => nodes.length > 1))).toEqual({
    'cp1→cp2 tcp/30005-30009 over IPv6': 'request-lost: silence, ours 0/0',
    'cp1→cp2 tcp/10250 over IPv6': 'request-lost: silence, ours 0/0',
    'cp1→cp2 udp/8472 over IPv6': 'request-lost: silence, ours 0/0',
  });
});
