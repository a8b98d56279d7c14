import { expect } from 'vitest';
import { PROGRAM } from '../program.ts';
import { complaints, labTest, type Host } from './lab.ts';

/** Runs chronyd with this configuration, which never touches the clock, while the work lasts. */
async function withChronyd(host: Host, lines: readonly string[], work: () => Promise<void>): Promise<void> {
  host.write('/run/chrony.conf', ['pidfile /run/chronyd.pid', 'bindcmdaddress /', ...lines, ''].join('\n'));
  await host.sh('chronyd -x -u root -f /run/chrony.conf');
  try {
    await work();
  } finally {
    await host.sh('kill "$(cat /run/chronyd.pid)"');
  }
}

labTest.for([
  [['bindcmdaddress 127.0.0.1', 'server 127.0.0.9 iburst'], 'unsynchronised', 'chronyd'],
  [['bindcmdaddress 127.0.0.1', 'local stratum 10'], 'synchronised', 'chronyd'],
  [['cmdport 0', 'local stratum 10', 'allow 127.0.0.1'], 'synchronised', 'an NTP server'],
  [['cmdport 0', 'server 127.0.0.9 iburst'], 'undetermined', 'chronyd'],
] as const)('a real chronyd: %s is %s', async ([lines, reason, daemon], { lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await withChronyd(host, lines, async () => {
    const [finding] = await host.findings('time/sync');
    expect(finding).toMatchObject({ reason, message: expect.stringContaining(daemon) });
  });
});

labTest('no time daemon', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  expect(await host.findings('time/sync')).toMatchObject([{ reason: 'unsynchronised', status: 'warn' }]);
});

labTest('programs that kubeadm calls, and that are not there', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const commands = async (version: string) =>
    complaints(await host.findings('host/commands', '--kubernetes-version', version));
  expect(await commands('1.36')).toEqual([]);
  await host.sh('for each in losetup tc; do mount --bind /dev/null "$(readlink -f "$(command -v $each)")"; done');
  expect(await commands('1.36')).toMatchObject([
    { subject: 'losetup', status: 'fail', reason: 'missing', kubeadm: 'FileExisting-losetup' },
  ]);
  expect(await commands('1.32')).toContainEqual(
    expect.objectContaining({ subject: 'tc', status: 'warn', reason: 'missing-optional' }),
  );
});

labTest('a kubelet that is newer than what it shall join', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  host.write('/opt/kubelet', '#!/bin/sh\necho Kubernetes v1.37.1\n', 0o755);
  await host.sh('mkdir -p /opt/bin && mount --bind /opt /usr/local/bin');
  const found = await host.findings('host/kubelet', '--kubernetes-version', '1.36');
  expect(found[0]).toMatchObject({ reason: 'too-new', status: 'fail', actual: '1.37.1' });
});

labTest('devices and files of an earlier cluster', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh('ip link add cni0 type bridge');
  host.write('/etc/kubernetes/pki/ca.crt', '');
  host.write('/var/lib/etcd/member/snap/db', '');
  host.write('/var/lib/cni/networks/cbr0/10.244.0.7', 'id\neth0');
  const found = await host.findings('host/leftovers', '--role', 'worker');
  expect(found).toMatchObject([
    { subject: '/etc/kubernetes/pki/ca.crt', reason: 'refused', status: 'fail' },
    { subject: '/var/lib/cni/networks/cbr0', reason: 'leftover', status: 'warn' },
    { subject: 'interfaces', reason: 'leftover', status: 'warn', actual: 'cni0' },
  ]);
});

labTest('no program is started but those that tell their version', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const strace = host.via('strace', '-f', '-qq', '-e', 'trace=execve', '-o', '/run/calls');
  await strace.check('--only', 'host', '--only', 'time');
  const calls = await host.sh('cat /run/calls');
  // Each line begins with the process id; the first is that of the program itself.
  const rows = calls.split('\n').flatMap((line) => {
    const [, pid, path] = /^(\d+) +execve\("([^"]+)"/.exec(line) ?? [];
    return pid === undefined || path === undefined ? [] : [{ pid, path }];
  });
  const children = rows.filter(({ pid }) => pid !== rows[0]?.pid).map(({ path }) => path);
  expect(rows[0]?.path).toBe(PROGRAM[0]);
  expect(children.filter((path) => !/\/kube(?:let|adm)$/.test(path))).toEqual([]);
});
