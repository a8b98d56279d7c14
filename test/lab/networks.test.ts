import { expect } from 'vitest';
import { about, complaints, labTest } from './lab.ts';

labTest('a pod network over an interface, a Service network over a name server', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.plug('eth1', '10.244.5.1/24');
  await host.sh('ip route add 10.112.0.0/16 via 10.77.0.254');
  host.write('/etc/resolv.conf', 'nameserver 10.96.0.10\n');
  const networks = (pods: string, services: string) =>
    host.findings('network/cidr-overlap', '--pod-cidr', pods, '--service-cidr', services);
  expect(complaints(await networks('10.200.0.0/16', '10.201.0.0/16'))).toEqual([]);
  expect(await networks('10.244.0.0/16', '10.96.0.0/12')).toMatchObject([
    {
      subject: '10.244.0.0/16 and 10.244.5.0/24',
      status: 'fail',
      reason: 'overlap',
      evidence: { what: 'the network of eth1' },
    },
    { subject: '10.96.0.0/12 and 10.96.0.10/32', reason: 'overlap', evidence: { what: 'the name server' } },
  ]);
  expect(await networks('10.112.4.0/22', '10.112.6.0/24')).toMatchObject([
    { subject: '10.112.4.0/22 and 10.112.6.0/24', reason: 'overlap', evidence: { what: 'the service network' } },
  ]);
});

labTest('the name of the node: in /etc/hosts, and nowhere', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  host.write('/etc/resolv.conf', 'nameserver 10.77.0.53\n');
  host.write('/etc/hosts', '127.0.0.1 localhost\n10.77.0.1 w1\n');
  const known = await host.findings('network/name-resolution');
  expect(complaints(known)).toEqual([]);
  expect(about(known, 'w1')).toMatchObject({ reason: 'resolved', evidence: { addresses: ['10.77.0.1'] } });

  host.write('/etc/hosts', '127.0.0.1 localhost\n');
  // Nobody listens there: an answer at once, and a resolver that pods could not use.
  host.write('/etc/resolv.conf', 'nameserver 127.0.0.53\n');
  const [unresolved, loop] = await host.findings('network/name-resolution');
  expect(unresolved).toMatchObject({ subject: 'w1', status: 'warn', reason: 'unresolved', kubeadm: 'Hostname' });
  expect(loop).toMatchObject({
    subject: '/etc/resolv.conf',
    status: 'warn',
    reason: 'resolver-loop',
    actual: '127.0.0.53',
  });
  for (const command of unresolved?.remedy?.commands ?? []) await host.sh(command);
  expect(about(await host.findings('network/name-resolution'), 'w1')).toMatchObject({ reason: 'debian-address' });
});

labTest('a proxy in the environment', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh('ip route add default via 10.77.0.254');
  const proxy = 'HTTPS_PROXY=http://ops:hunter2@proxy.example:3128';
  const args = ['--control-plane-endpoint', '10.77.0.9:6443', '--pod-cidr', '10.244.0.0/16'] as const;
  const through = async (...environment: string[]) =>
    host.via('env', ...environment).findings('network/proxy', ...args);
  expect(complaints(await through())).toEqual([]);
  const proxied = complaints(await through(proxy, 'NO_PROXY=10.77.0.1'));
  expect(proxied).toMatchObject([
    { subject: '10.77.0.9', status: 'warn', reason: 'proxied', kubeadm: 'HTTPProxy' },
    { subject: '10.244.0.0/16', status: 'warn', reason: 'proxied', kubeadm: 'HTTPProxyCIDR' },
  ]);
  expect(JSON.stringify(proxied)).not.toContain('hunter2');
  expect(complaints(await through(proxy, 'NO_PROXY=10.77.0.0/24,10.244.0.0/16'))).toEqual([]);
  host.write('/etc/environment', `${proxy}\n`);
  expect(complaints(await through()).map(({ subject }) => subject)).toEqual([
    '10.77.0.9',
    '10.77.0.1',
    '10.244.0.0/16',
  ]);
});
