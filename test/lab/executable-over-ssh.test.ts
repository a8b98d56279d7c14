import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { labTest, type Host } from './lab.ts';
import { cluster, findingsOf, laptop, leftOn, mesh, peers } from './ssh.ts';

const QUICK = ['--only', 'ports/reachable'] as const;

labTest(
  'six nodes, of which four cannot be had, each for another reason, and the others are judged',
  { timeout: 120_000 },
  async ({ lab }) => {
    const { key, known, nodes } = await cluster(lab, [
      {},
      {},
      { refuses: true },
      // Its shell reads and never speaks.
      { sshd: 'ForceCommand exec cat >/dev/null' },
      { installed: false, directories: 'size=1m,mode=1777' },
      { installed: false, directories: 'noexec,mode=1777' },
    ]);
    // It takes connections, and no sshd ever speaks.
    const mute = await lab.host('n7', '10.77.0.7/24');
    await mute.listen('mute', 22, { greeting: '' });
    const own = await laptop(await lab.host('laptop', '10.77.0.100/24'), key, known);
    const addresses = [1, 2, 3, 4, 5, 6].map((index) => `10.77.0.${index}`);
    const { report, code, ms } = await mesh(own, ...QUICK, '--timeout', '2s', ...peers(...addresses));
    expect(code).toBe(3);
    // Three times --timeout for the shell that hangs, and the run.
    expect(ms).toBeLessThan(30_000);
    const told = findingsOf(report).filter(({ reason }) => reason === 'peer-unreachable');
    expect(told.map(({ nodes: [, name], status, subject, message }) => ({ name, status, subject, message }))).toEqual(
      [
        ['10.77.0.3', /^ssh could not get into 10\.77\.0\.3: .*publickey/],
        ['10.77.0.4', /^10\.77\.0\.4: no shell answered over ssh within 6s/],
        ['10.77.0.5', /^10\.77\.0\.5 has no room for the executable|no executable/],
        ['10.77.0.6', /runs no programs|no executable/],
      ].map(([name, message]) => ({
        name,
        status: 'unknown',
        subject: 'ssh',
        message: expect.stringMatching(message ?? '') as string,
      })),
    );
    for (const { remedy } of told) expect(remedy?.text).toMatch(/\w/);
    expect(told[0]?.remedy?.commands).toEqual(['ssh -o BatchMode=yes -- 10.77.0.3 true']);
    const between = findingsOf(report).filter(({ probe }) => probe !== undefined);
    expect(between.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(between.filter(({ status }) => status === 'pass').length).toBeGreaterThan(3);
    await sleep(500);
    for (const node of nodes) expect(await leftOn(node)).toEqual([]);
  },
);

/** Programs that a run started on a node. */
async function peersOn(host: Host): Promise<string[]> {
  return (await host.running()).filter((command) => /^seaworthy\b/.test(command));
}

async function untilPeersRun(hosts: readonly Host[]): Promise<void> {
  for (const host of hosts) await expect.poll(() => peersOn(host), { timeout: 40_000, interval: 50 }).not.toEqual([]);
}

labTest(
  'a copied executable has pods made, by agents and a guardian that are the same file without a name',
  { timeout: 120_000 },
  async ({ lab }) => {
    const { key, known, nodes } = await cluster(lab, [{ installed: false }, { installed: false }]);
    const chain = (number: number) => ({
      cniVersion: '1.0.0',
      name: 'lab',
      plugins: [
        {
          type: 'bridge',
          bridge: 'cni0',
          isGateway: true,
          ipam: { type: 'host-local', subnet: `10.244.${number}.0/24`, routes: [{ dst: '0.0.0.0/0' }] },
        },
      ],
    });
    for (const [index, node] of nodes.entries()) {
      await node.sh(
        'rm -rf /etc/cni/net.d && mkdir -p /etc/cni/net.d /opt/cni/bin && ln -s /usr/lib/cni/* /opt/cni/bin/',
      );
      node.write('/etc/cni/net.d/10-lab.conflist', JSON.stringify(chain(index + 1)));
      await node.sh(`ip route add 10.244.${2 - index}.0/24 via 10.77.0.${2 - index}; sysctl -qw net.ipv4.ip_forward=1`);
    }
    const own = await laptop(await lab.host('laptop', '10.77.0.100/24'), key, known);
    const before = await Promise.all(nodes.map((node) => node.state()));
    const asked = ['--pods', 'throw-away', '--only', 'cni/dry-run', '--only', 'pods/cross-node'];
    const { report } = await mesh(own, ...asked, ...peers('10.77.0.1', '10.77.0.2'));
    const told = report.checks.map(({ id, status }) => `${id} ${status}`);
    expect(told, JSON.stringify(findingsOf(report))).toEqual(['cni/dry-run pass', 'pods/cross-node pass']);
    for (const node of nodes) expect(await leftOn(node)).toEqual([]);
    expect(await Promise.all(nodes.map((node) => node.state()))).toEqual(before);

    // All of the program is killed on both nodes while they have pods: the guardians undo it.
    const killed = mesh(own, ...asked, ...peers('10.77.0.1', '10.77.0.2')).catch(() => null);
    for (const node of nodes) await node.sh('until ip link show dev cni0 >/dev/null 2>&1; do sleep 0.01; done');
    await Promise.all(
      nodes.map((node) =>
        node.sh(
          `for pid in $(pgrep -f '^seaworthy|^/proc/.* pod-agent'); do [ "$(readlink /proc/$pid/ns/uts)" != "$(readlink /proc/self/ns/uts)" ] || kill -KILL $pid || true; done`,
        ),
      ),
    );
    await killed;
    for (const node of nodes)
      await expect.poll(() => node.state(), { timeout: 20_000, interval: 500 }).toEqual(before[nodes.indexOf(node)]);
  },
);

labTest(
  'the executable is copied to where it is missing, is another version, or the first directory runs no programs; it has no name while it runs',
  { timeout: 120_000 },
  async ({ lab }) => {
    const { key, known, nodes } = await cluster(lab, [{}, { installed: false }, { installed: false }, {}]);
    const [, , noexec, other] = nodes;
    await noexec?.sh('mount -o remount,noexec /tmp');
    other?.write('/usr/local/bin/seaworthy', '#!/bin/sh\necho seaworthy 0.0.9\n', 0o755);
    const own = await laptop(await lab.host('laptop', '10.77.0.100/24'), key, known);
    const before = await Promise.all(nodes.map((node) => node.state()));
    const running = mesh(own, ...QUICK, ...peers('10.77.0.1', '10.77.0.2', '10.77.0.3', '10.77.0.4'));
    await untilPeersRun(nodes.slice(1));
    for (const node of nodes) expect((await leftOn(node)).filter((line) => /seaworthy\.\w{6}$/.test(line))).toEqual([]);
    const { report, code, stderr } = await running;
    expect({ code, stderr, verdict: report.verdict }).toEqual({ code: 0, stderr: '', verdict: 'ready' });
    expect(report.coverage).toMatchObject({ nodes: 4, pairs: 12, pairsTested: 12 });
    for (const node of nodes) expect(await leftOn(node)).toEqual([]);
    expect(await Promise.all(nodes.map((node) => node.state()))).toEqual(before);
  },
);

labTest(
  'whoever copies the executable to several nodes at once holds little of it',
  { timeout: 120_000 },
  async ({ lab }) => {
    const missing = [1, 2, 3, 4].map(() => ({ installed: false }));
    const { key, known } = await cluster(lab, missing);
    const own = await laptop(await lab.host('laptop', '10.77.0.100/24'), key, known);
    // The most that it held at any time, as the kernel counts it.
    const script = `"$0" "$@" >/tmp/report & pid=$!
      while grep VmHWM /proc/$pid/status >/tmp/now 2>/dev/null && [ -s /tmp/now ]; do cp /tmp/now /tmp/peak; sleep 0.02; done
      wait $pid && cat /tmp/peak`;
    const addresses = missing.map((_, index) => `10.77.0.${index + 1}`);
    const { code, stdout } = await own.via('sh', '-c', script).cli('mesh', '--ssh', ...QUICK, ...peers(...addresses));
    expect(code).toBe(0);
    const kilobytes = Number(/\d+/.exec(stdout)?.[0]);
    expect(kilobytes).toBeGreaterThan(50_000);
    // Its 113 MB and what they are packed into, 50 MB, would be more: 323,000 without the file.
    expect(kilobytes).toBeLessThan(220_000);
  },
);

/** Long enough for something to happen meanwhile: what is dropped is looked at twice. */
const LONG = ['--only', 'ports/reachable', '--cni', 'flannel'] as const;
const drop = (host: Host) =>
  host.sh(
    'nft add table inet lab && nft add chain inet lab in "{ type filter hook input priority 0; }" && nft add rule inet lab in tcp dport 10250 drop',
  );

labTest(
  'a session is killed and a link is cut in the middle: the run ends, the others are judged, and nothing is left anywhere',
  { timeout: 120_000 },
  async ({ lab }) => {
    const { key, known, nodes } = await cluster(lab, [{}, {}, { installed: false }, { installed: false }]);
    const [first, , killed, cut] = nodes;
    if (first === undefined || killed === undefined || cut === undefined) throw new Error('there are four');
    await drop(first);
    const own = await laptop(await lab.host('laptop', '10.77.0.100/24'), key, known);
    const running = mesh(own, ...LONG, ...peers('10.77.0.1', '10.77.0.2', '10.77.0.3', '10.77.0.4'));
    await untilPeersRun(nodes);
    await first.sh('until ss -Htln | grep -q :10250; do sleep 0.05; done');
    await killed.sh(
      "for pid in $(pgrep -f '^sshd: root@notty'); do [ $(readlink /proc/$pid/ns/uts) != $(readlink /proc/self/ns/uts) ] || kill -KILL $pid; done",
    );
    await cut.sh('ip link set dev eth0 down');
    const { report, code, ms } = await running;
    expect(code).not.toBe(0);
    expect(ms).toBeLessThan(70_000);
    const wrong = findingsOf(report).filter(({ status, subject }) => status === 'fail' && subject !== 'tcp/10250');
    expect(wrong).toEqual([]);
    const lost = findingsOf(report).filter(
      ({ nodes: of, status }) => of.includes('n3') || (of.includes('n4') && status !== 'pass'),
    );
    expect(lost.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['undecided']) as string[]);
    const between = findingsOf(report).filter(({ nodes: of }) => of.includes('n1') && of.includes('n2'));
    expect(between.some(({ reason }) => reason === 'request-lost')).toBe(true);
    expect(await leftOn(killed)).toEqual([]);
    // It hears nothing for as long as a lease lasts.
    await expect.poll(() => peersOn(cut), { timeout: 20_000, interval: 500 }).toEqual([]);
    for (const host of [first, killed]) expect(await leftOn(host)).toEqual([]);
    expect((await leftOn(cut)).filter((line) => !line.startsWith('sshd'))).toEqual([]);
  },
);

labTest(
  'the coordinator is killed, or told to end, in the middle of copying and of the run: nothing is left on any node',
  { timeout: 180_000 },
  async ({ lab }) => {
    const { key, known, nodes } = await cluster(lab, [{ installed: false }, { installed: false }]);
    const [first] = nodes;
    if (first === undefined) throw new Error('there are two');
    await drop(first);
    const own = await laptop(await lab.host('laptop', '10.77.0.100/24'), key, known);
    for (const [signal, moment] of [
      ['KILL', 0.7],
      ['KILL', 1.5],
      ['KILL', 5],
      ['INT', 0.7],
      ['TERM', 3],
    ] as const) {
      const script = `"$0" "$@" & pid=$!; sleep ${moment}; kill -${signal} $pid; wait $pid`;
      const { code } = await own
        .via('sh', '-c', script)
        .cli('mesh', '--ssh', ...LONG, ...peers('10.77.0.1', '10.77.0.2'));
      expect(code).toBe({ KILL: 137, INT: 130, TERM: 143 }[signal]);
      for (const node of nodes) await expect.poll(() => leftOn(node), { timeout: 20_000, interval: 250 }).toEqual([]);
      expect((await own.running()).filter((command) => command.startsWith('ssh '))).toEqual([]);
    }
  },
);
