import { expect } from 'vitest';
import { complaints, labTest } from './lab.ts';

const RANGE = 'net.ipv4.ip_local_port_range';

labTest('nothing is in the NodePort range', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.listen('nginx', 32768);
  expect(complaints(await host.findings('ports/node-port-range'))).toEqual([]);
});

labTest('listeners inside: neighbours of one owner share a finding, kube-proxy may', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.listen('kube-proxy', 30080);
  const one = await host.listen('redis-server', 30100);
  await host.listen('dnsmasq', 32767, { address: '::', protocol: 'udp' });
  expect(complaints(await host.findings('ports/node-port-range'))).toMatchObject([
    {
      subject: 'tcp/30100',
      status: 'warn',
      reason: 'listener-in-range',
      evidence: { process: 'redis-server', pid: one.pid },
    },
    { subject: 'udp/32767', reason: 'listener-in-range', evidence: { process: 'dnsmasq', address: '::' } },
  ]);
  expect(await host.findings('ports/node-port-range', '--node-port-range', '31000-32000')).toMatchObject([
    { subject: '31000-32000', reason: 'no-listener' },
    { reason: 'apart' },
  ]);
});

labTest('ephemeral ports inside it, and reserved', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh(`sysctl -w ${RANGE}='32000 60999' net.ipv4.ip_local_reserved_ports=32500-32600`);
  const [finding] = complaints(await host.findings('ports/node-port-range'));
  expect(finding).toMatchObject({
    subject: RANGE,
    status: 'warn',
    reason: 'ephemeral-overlap',
    evidence: { range: '32000-60999', reserved: '32500-32600', overlap: '32000-32499,32601-32767' },
  });
  // What it says to do is enough, and keeps what was reserved.
  for (const command of finding?.remedy?.commands ?? []) await host.sh(command);
  expect(await host.sh('sysctl -n net.ipv4.ip_local_reserved_ports')).toBe('32000-32767\n');
  expect(complaints(await host.findings('ports/node-port-range'))).toEqual([]);
});
