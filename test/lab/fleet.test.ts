import { expect } from 'vitest';
import { labTest } from './lab.ts';
import { cluster, findingsOf, laptop, leftOn, mesh, peers, serveSsh } from './ssh.ts';

const QUICK = ['--only', 'ports/reachable'] as const;

labTest('two nodes that have seaworthy, and nothing listens there', async ({ lab }) => {
  const { key, known, nodes } = await cluster(lab, [{}, {}]);
  const own = await laptop(await lab.host('laptop', '10.77.0.100/24'), key, known);
  const before = await Promise.all(nodes.map((node) => node.state()));
  const args = ['mesh', '--ssh', ...QUICK, ...peers('control-plane@10.77.0.1', 'worker@10.77.0.2')];
  const { stdout, stderr, code } = await own.cli(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^n1 +10\.77\.0\.1 +\. +ok$/m);
  expect(stdout).toMatch(/^n2 +10\.77\.0\.2 +ok +\.$/m);
  expect(stdout).toContain('covers      all 2 pairs that the roles need');
  expect(await Promise.all(nodes.map((node) => node.state()))).toEqual(before);
});

labTest(
  'an inventory leads through a jump host, over shared connections, as a user who becomes root',
  { timeout: 120_000 },
  async ({ lab }) => {
    const planted = '/var/lib/core/bin/seaworthy';
    const { key, known, nodes } = await cluster(lab, [{ sshd: 'SetEnv PATH=/var/lib/core/bin:/usr/bin:/bin' }, {}]);
    for (const node of nodes) {
      await node.sh(
        "useradd -p '*' -d /var/lib/core -m -s /bin/sh core && chmod 755 /run/lab-sshd && chmod 644 /run/lab-sshd/admitted",
      );
      node.write('/etc/sudoers.d/core', 'core ALL=(ALL) NOPASSWD: ALL\n', 0o440);
    }
    // Its network leads to the jump host alone.
    const jump = await lab.router('jump', '10.77.0.50/24', '10.78.0.1/24');
    known.set('10.78.0.1', await serveSsh(jump, { admits: [key] }));
    const own = await laptop(await lab.hostBeyond('laptop', '10.78.0.100/24'), key, known);
    const inventory = (become: string) => `[kube_control_plane]
cp1 ansible_host=10.77.0.1
[kube_node]
w1 ansible_host=10.77.0.2
[all:vars]
ansible_user=core
${become}
ansible_ssh_common_args='-o ProxyJump=root@10.78.0.1 -o ControlMaster=auto -o ControlPath=/root/.ssh/%h -o ControlPersist=2s'
`;
    own.write('/root/hosts.ini', inventory('ansible_become=true'));
    // What the user has on the way of programs says that it is ours, and is not what sudo runs.
    const version = (await nodes[0]?.sh('/usr/local/bin/seaworthy --version'))?.trim() ?? '';
    nodes[0]?.write(planted, `#!/bin/sh\n[ "$1" = --version ] && echo "${version}" || id -u >&2\n`, 0o755);
    const args = ['--inventory', '/root/hosts.ini', '--only', 'ports/reachable', '--only', 'network/firewall'];
    const asRoot = await mesh(own, ...args);
    expect(asRoot.stderr).toBe('');
    expect(asRoot.report.nodes.map(({ name, roles }) => [name, ...roles])).toEqual([
      ['n1', 'control-plane'],
      ['n2', 'worker'],
    ]);
    expect(asRoot.report.coverage).toMatchObject({ pairs: 2, pairsTested: 2 });
    expect(findingsOf(asRoot.report).filter(({ reason }) => reason === 'rules-unread')).toEqual([]);

    await nodes[0]?.sh(`rm ${planted}`);
    own.write('/root/hosts.ini', inventory(''));
    const asUser = await mesh(own, ...args);
    const denied = findingsOf(asUser.report).filter(({ reason }) => reason === 'rules-unread');
    expect(denied.map(({ nodes: [name] }) => name)).toEqual(['n1', 'n2']);
    for (const node of nodes) await expect.poll(() => leftOn(node), { timeout: 10_000 }).toEqual([]);

    for (const node of nodes) await node.sh('rm /etc/sudoers.d/core');
    own.write('/root/hosts.ini', inventory('ansible_become=true'));
    const refused = await mesh(own, ...args);
    const told = findingsOf(refused.report).filter(({ reason }) => reason === 'peer-unreachable');
    expect(told.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^on cp1 what was started ended with code 1: it said “sudo: /),
      expect.stringMatching(/^on w1 what was started ended with code 1: it said “sudo: /),
    ]);
  },
);

labTest('one machine under two names, and hosts that no key of ours knows', async ({ lab }) => {
  const { key, known, nodes } = await cluster(lab, [{}, {}]);
  const [first] = nodes;
  await first?.sh('ip address add 10.77.0.9/24 dev eth0');
  known.set('10.77.0.9', known.get('10.77.0.1') ?? '');
  const own = await laptop(await lab.host('laptop', '10.77.0.100/24'), key, known);
  const twice = await own.cli('mesh', '--ssh', ...QUICK, ...peers('10.77.0.1', '10.77.0.9'));
  expect(twice).toMatchObject({ code: 3, stdout: '' });
  expect(twice.stderr).toBe(
    'seaworthy: --peer 10.77.0.1 and --peer 10.77.0.9 are one machine; name each machine once.\n',
  );
  await own.sh('rm /root/.ssh/known_hosts');
  const { report } = await mesh(own, ...QUICK, ...peers('10.77.0.1', '10.77.0.2'));
  const told = findingsOf(report).filter(({ reason }) => reason === 'peer-unreachable');
  expect(told.map(({ message }) => message)).toEqual([
    'ssh could not get into 10.77.0.1: it said “Host key verification failed”.',
    'ssh could not get into 10.77.0.2: it said “Host key verification failed”.',
  ]);
  expect((await own.sh('ls -A /root/.ssh')).trim()).toBe('id_ed25519');
});
