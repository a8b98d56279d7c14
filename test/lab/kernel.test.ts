import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { about, complaints, labTest } from './lab.ts';

labTest('forwarding off: who says so, and a remedy that holds', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh('sysctl -qw net.ipv4.ip_forward=0');
  host.write('/etc/sysctl.d/95-hardening.conf', '# no router\nnet.ipv4.ip_forward = 0\n');
  const [finding] = complaints(await host.findings('kernel/ip-forward'));
  expect(finding).toMatchObject({
    subject: 'net.ipv4.ip_forward',
    status: 'fail',
    reason: 'disabled',
    kubeadm: 'FileContent--proc-sys-net-ipv4-ip_forward',
    message: expect.stringContaining('/etc/sysctl.d/95-hardening.conf:2') as string,
    actual: '0',
  });
  for (const command of finding?.remedy?.commands ?? []) await host.sh(command);
  expect(await host.findings('kernel/ip-forward')).toMatchObject([{ status: 'pass', reason: 'enabled' }]);
  // As at the next boot.
  await host.sh('sysctl -qw net.ipv4.ip_forward=0; sysctl --system');
  expect(await host.findings('kernel/ip-forward')).toMatchObject([{ status: 'pass', reason: 'enabled' }]);
});

labTest('forwarding that the next boot turns off', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh('sysctl -qw net.ipv4.ip_forward=1');
  host.write('/etc/sysctl.d/60-router.conf', 'net/ipv4/ip_forward=1\n');
  expect(complaints(await host.findings('kernel/ip-forward'))).toEqual([]);
  host.write('/etc/sysctl.d/95-hardening.conf', 'net.ipv4.ip_forward = 0\n');
  expect(await host.findings('kernel/ip-forward')).toMatchObject([
    {
      status: 'warn',
      reason: 'reverts',
      evidence: { value: '1', file: '/etc/sysctl.d/95-hardening.conf', line: 1 },
      remedy: { commands: expect.arrayContaining(["sed -i '1s/^/# /' /etc/sysctl.d/95-hardening.conf"]) as string[] },
    },
  ]);
});

labTest('forwarding of the uplink alone is off', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh(
    'ip route add default via 10.77.0.254; sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.eth0.forwarding=0',
  );
  expect(complaints(await host.findings('kernel/ip-forward'))).toMatchObject([
    { subject: 'net.ipv4.conf.eth0.forwarding', reason: 'disabled' },
  ]);
});

labTest('a dual-stack cluster needs it of IPv6 too', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24', 'fd77::1/64');
  await host.sh('sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=0 net.ipv6.conf.default.forwarding=0');
  const dual = ['kernel/ip-forward', '--pod-cidr', '10.244.0.0/16,fd00:244::/56'] as const;
  expect(complaints(await host.findings('kernel/ip-forward', '--pod-cidr', '10.244.0.0/16'))).toEqual([]);
  const findings = await host.findings(...dual);
  expect(about(findings, 'net.ipv4.ip_forward')).toMatchObject({ status: 'pass' });
  expect(complaints(findings)).toMatchObject([
    {
      subject: 'net.ipv6.conf.all.forwarding',
      status: 'fail',
      reason: 'disabled',
      kubeadm: 'FileContent--proc-sys-net-ipv6-conf-default-forwarding',
    },
  ]);
  await host.sh('sysctl -qw net.ipv6.conf.all.forwarding=1');
  expect(complaints(await host.findings(...dual))).toEqual([]);
});

labTest('strict reverse path filtering on the second uplink', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.plug('eth1', '10.78.0.1/24');
  await host.sh('ip route add default via 10.77.0.254; ip route add default via 10.78.0.254 metric 100');
  await host.sh('sysctl -qw net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.eth1.rp_filter=1');
  expect(complaints(await host.findings('kernel/reverse-path-filter'))).toEqual([]);
  await host.sh('sysctl -qw net.ipv4.conf.all.rp_filter=0');
  const [finding, ...others] = complaints(await host.findings('kernel/reverse-path-filter'));
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    subject: 'eth1',
    status: 'warn',
    reason: 'strict',
    evidence: { own: '1', all: '0' },
  });
  for (const command of finding?.remedy?.commands ?? []) await host.sh(command);
  expect(complaints(await host.findings('kernel/reverse-path-filter'))).toEqual([]);
});

labTest('a namespace does not show the limit of the neighbour table', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  expect(await host.findings('kernel/neighbour-table')).toMatchObject([{ status: 'skip', reason: 'not-shown' }]);
});

labTest('bridged packets pass iptables unseen, where the add-on needs that they do not', async ({ lab, skip }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  if (!existsSync('/proc/sys/net/bridge')) skip('br_netfilter is not loaded');
  const flannel = ['kernel/bridge-netfilter', '--cni', 'flannel', '--pod-cidr', '10.244.0.0/16'] as const;
  await host.sh('sysctl -qw net.bridge.bridge-nf-call-iptables=1');
  expect(complaints(await host.findings(...flannel))).toEqual([]);
  await host.sh('sysctl -qw net.bridge.bridge-nf-call-iptables=0');
  const [finding] = complaints(await host.findings(...flannel));
  expect(finding).toMatchObject({ subject: 'net.bridge.bridge-nf-call-iptables', reason: 'disabled', actual: '0' });
  // A test loads no module, and this one is there.
  const [load, ...rest] = finding?.remedy?.commands ?? [];
  expect(load).toContain('modprobe br_netfilter');
  for (const command of rest) await host.sh(command);
  expect(complaints(await host.findings(...flannel))).toEqual([]);
});
