import { expect } from 'vitest';
import { about, complaints, labTest } from './lab.ts';

const WORKER: readonly [string, ...string[]] = ['ports/available', '--role', 'worker'];
const CONTROL_PLANE: readonly [string, ...string[]] = ['ports/available', '--role', 'control-plane'];
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;

labTest('every port is free', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24', 'fd77::1/64');
  for (const check of [WORKER, CONTROL_PLANE]) expect(complaints(await host.findings(...check))).toEqual([]);
  expect(complaints(await host.via(...NOBODY).findings(...CONTROL_PLANE))).toEqual([]);
});

labTest('a stranger on the kubelet port is named, also to somebody who is not root', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const { pid } = await host.listen('nginx', 10250);
  expect(complaints(await host.findings(...WORKER))).toMatchObject([
    {
      subject: 'tcp/10250',
      status: 'fail',
      reason: 'in-use',
      kubeadm: 'Port-10250',
      evidence: { address: '0.0.0.0', pid, process: 'nginx', unit: null },
      remedy: { commands: [`ps -o pid,ppid,user,lstart,args -p ${pid}`] },
    },
  ]);
  expect(complaints(await host.via(...NOBODY).findings(...WORKER))).toMatchObject([
    {
      subject: 'tcp/10250',
      status: 'fail',
      reason: 'in-use',
      evidence: { pid: null, process: null },
      actual: expect.stringContaining('not visible without root') as string,
      remedy: { commands: ["ss -Hlnpt 'sport = :10250'"] },
    },
  ]);
});

labTest(
  'on the port of the API server, by IPv4, by both families at once, by the node address alone',
  async ({ lab }) => {
    const host = await lab.host('cp1', '10.77.0.1/24', '10.78.0.1/24');
    await host.sh('ip route add default via 10.77.0.254');
    for (const [address, version, reason] of [
      ['0.0.0.0', '1.36', 'in-use'],
      ['::', '1.36', 'in-use'],
      ['10.77.0.1', '1.37', 'in-use'],
      ['127.0.0.1', '1.37', 'in-use'],
    ] as const) {
      const stranger = await host.listen('haproxy', 6443, { address });
      const findings = await host.findings(...CONTROL_PLANE, '--kubernetes-version', version);
      expect(complaints(findings), address).toMatchObject([
        { subject: 'tcp/6443', reason, kubeadm: 'Port-6443', evidence: { address, process: 'haproxy' } },
      ]);
      stranger.kill();
      await host.sh('while ss -Htln sport = :6443 | grep -q .; do sleep 0.02; done');
    }
  },
);

labTest('a listener on another address is in nobody’s way, but in that of kubeadm before 1.37', async ({ lab }) => {
  const host = await lab.host('cp1', '10.77.0.1/24', '10.78.0.1/24');
  await host.sh('ip route add default via 10.77.0.254');
  await host.listen('etcd', 2379, { address: '10.78.0.1' });
  const version = (text: string) => host.findings(...CONTROL_PLANE, '--kubernetes-version', text);
  expect(complaints(await version('1.36'))).toMatchObject([
    { subject: 'tcp/2379', status: 'warn', reason: 'preflight-refuses', kubeadm: 'Port-2379' },
  ]);
  // On loopback alone, where kubeadm looks at nothing: the other address is nothing to the kubelet, `::` is.
  await host.listen('varnishd', 10248, { address: '10.78.0.1' });
  const later = await version('1.37');
  expect(complaints(later)).toEqual([]);
  expect(about(later, 'tcp/2379')).toMatchObject({ reason: 'free', evidence: { elsewhere: { address: '10.78.0.1' } } });
});

labTest('an outgoing connection has the kubelet’s port as its own', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.listen('nginx', 9000);
  const connect = `require('net').connect({ port: 9000, localPort: 10250 }, () => require('fs').writeFileSync('/run/connected', ''))`;
  await host.sh(`
    ${process.execPath} -e "${connect}" >/dev/null 2>&1 &
    until [ -e /run/connected ]; do sleep 0.02; done`);
  const held = { subject: 'tcp/10250', status: 'warn', reason: 'held-by-connection' } as const;
  expect(complaints(await host.findings(...WORKER))).toMatchObject([{ ...held, evidence: { ephemeral: false } }]);
  await host.sh("sysctl -qw net.ipv4.ip_local_port_range='10000 60999'");
  const [finding] = complaints(await host.findings(...WORKER));
  expect(finding).toMatchObject({ ...held, evidence: { ephemeral: true } });
  expect(finding?.remedy?.commands?.join()).toContain('net.ipv4.ip_local_reserved_ports');
});

labTest('all of IPv6 is not in the way of a component on IPv4, unless it has that too', async ({ lab }) => {
  const host = await lab.host('cp1', '10.77.0.1/24');
  const seen = async () =>
    complaints(await host.findings(...CONTROL_PLANE, '--kubernetes-version', '1.37')).map(({ subject, reason }) => [
      subject,
      reason,
    ]);
  const both = await host.listen('nginx', 10257, { address: '::' });
  expect(await seen()).toEqual([['tcp/10257', 'in-use']]);
  both.kill();
  await host.sh('while ss -Htln sport = :10257 | grep -q .; do sleep 0.02; done');
  await host.listen('nginx', 10257, { address: '::', ipv6Only: true });
  expect(await seen()).toEqual([]);
});

labTest('10252 is a memory from 1.22 on; a name that the kernel cuts is told in full', async ({ lab }) => {
  const host = await lab.host('cp1', '10.77.0.1/24');
  const { pid } = await host.listen('kube-controller-manager', 10252);
  const owner = { pid, process: 'kube-controller-manager' };
  expect(await host.sh(`cat /proc/${pid}/comm`)).toBe('kube-controller\n');
  expect(complaints(await host.findings(...CONTROL_PLANE, '--kubernetes-version', '1.36'))).toMatchObject([
    { subject: 'tcp/10252', status: 'warn', reason: 'legacy-in-use', evidence: owner },
  ]);
  expect(complaints(await host.findings(...CONTROL_PLANE, '--kubernetes-version', '1.21'))).toMatchObject([
    {
      subject: 'tcp/10252',
      status: 'fail',
      reason: 'in-use',
      evidence: owner,
      remedy: { commands: ['kubeadm reset'] },
    },
  ]);
});

labTest('the overlay’s UDP port: held by a process, and by a device that is left over', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const flannel = [...WORKER, '--cni', 'flannel'] as const;
  expect(complaints(await host.findings(...flannel))).toEqual([]);
  const process = await host.listen('socat', 8472, { protocol: 'udp' });
  expect(complaints(await host.findings(...flannel))).toMatchObject([
    { subject: 'udp/8472', status: 'fail', reason: 'in-use', evidence: { process: 'socat' } },
  ]);
  expect(complaints(await host.findings(...WORKER))).toEqual([]);
  process.kill();
  await host.sh('while ss -Huln sport = :8472 | grep -q .; do sleep 0.02; done');
  await host.sh(
    'ip link add flannel.1 type vxlan id 1 dstport 8472 local 10.77.0.1 dev eth0 && ip link set flannel.1 up',
  );
  expect(complaints(await host.findings(...flannel))).toMatchObject([
    {
      subject: 'udp/8472',
      status: 'warn',
      reason: 'held-by-kernel',
      evidence: { process: null, kernel: true },
      remedy: { commands: expect.arrayContaining(['ip -d link show type vxlan']) as string[] },
    },
  ]);
});
