import { expect } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import { complaints, type Host } from '../lab/lab.ts';
import { atSwitch } from '../lab/pods.ts';
import { rules } from '../lab/reach.ts';
import { askedBy } from './asked.ts';
import { clusterTest } from './cluster-test.ts';
import { ABOUT, meshOf, told } from './mesh.ts';
import { startKubelet, stopKubelet } from './node.ts';
import { healthy, makeThreeNodes, type Node, type ThreeNodes } from './three-nodes.ts';

interface Setting {
  readonly cluster: ThreeNodes;
  /** A machine beside the cluster. */
  readonly bystander: Host;
}

const nodesTest = clusterTest(async (lab): Promise<Setting> => {
  const bystander = await lab.host('admin', '10.78.0.200/24');
  return { cluster: await makeThreeNodes(lab), bystander };
});

nodesTest('a healthy cluster: each node by itself', async ({ setting }) => {
  for (const { host } of setting.cluster.nodes) {
    const report = await host.check(...ABOUT);
    expect(report.nodes).toMatchObject([{ name: host.name, stage: 'joined' }]);
    expect.soft(complaints(report.checks.flatMap(({ findings }) => findings))).toEqual([]);
  }
});

nodesTest('a healthy cluster: all of it', async ({ setting: { cluster, bystander } }) => {
  const report = await meshOf(cluster, bystander);
  expect(told(report)).toEqual([]);
  expect(report.verdict).toBe('ready');
});

interface Fault {
  readonly name: string;
  /** Breaks it, and tells how that is undone. */
  readonly breaks: (node: Node, cluster: ThreeNodes) => Promise<() => unknown>;
  /** All that is not as it should be then between all nodes: check, nodes, status, reason. */
  readonly told: readonly string[];
  /** The same as the second node tells it by itself, with what the API says. */
  readonly here: readonly string[];
  /** What may come of it besides: check, nodes. */
  readonly perhaps?: RegExp;
}

const dropped =
  (port: number) =>
  async ({ host }: Node) => {
    await rules(host, { input: [`iifname eth0 tcp dport ${port} drop`] });
    return () => host.sh('nft delete table inet faults');
  };

/** Between pods of the second node and those of each other one, both ways. */
const acrossBoth = (reason: string) =>
  ['n1→n2', 'n2→n1', 'n2→n3', 'n3→n2'].map((nodes) => `pods/cross-node ${nodes} fail ${reason}`);

/** From pods of the second node to those of these others, of which nothing is seen but what comes back. */
const acrossFrom2 = 'pods/cross-node n2 fail lost';

/** Where nothing comes from the API server. */
const UNASKED = ['cluster/node-status n2 unknown fact-timeout', 'cluster/pod-cidrs n2 unknown fact-timeout'];
/** Where the API has heard of it. */
const NOT_READY = 'cluster/node-status n2 fail not-ready';

/** Until the API has heard that the second node is not ready. */
async function heardOf({ controlPlane: { kubectl } }: ThreeNodes, ready: 'False' | 'Unknown'): Promise<void> {
  await kubectl(`wait node n2 --for condition=Ready=${ready} --timeout 120s`);
}

/** Of a node that drops something, by itself. */
const UNTESTED = 'network/firewall n2 warn active-untested';

/** Each on the second node, but what only the first one has. */
const FAULTS: readonly Fault[] = [
  {
    name: '6443 dropped',
    breaks: (_, { nodes }) => dropped(6443)(nodes[0]),
    told: ['ports/reachable n2→n1 fail request-lost', 'ports/reachable n3→n1 fail request-lost'],
    here: UNASKED,
  },
  {
    name: '10250 dropped',
    breaks: dropped(10_250),
    told: ['ports/reachable n1→n2 fail request-lost'],
    here: [UNTESTED],
  },
  {
    name: 'no route to the pods of a node',
    breaks: async ({ host }, { nodes: [first] }) => {
      await host.sh(`ip route delete ${first.podNetwork}`);
      return () => host.sh(`ip route add ${first.podNetwork} via ${first.address}`);
    },
    told: ['pods/cross-node n1→n2 fail reply-lost', 'pods/cross-node n2→n1 fail request-lost'],
    here: [acrossFrom2],
  },
  {
    name: 'masquerade on pod traffic',
    breaks: async ({ host, podNetwork }) => {
      const rule = `POSTROUTING -s ${podNetwork} -o eth0 -j MASQUERADE`;
      await host.sh(`iptables -t nat -I ${rule}`);
      return () => host.sh(`iptables -t nat -D ${rule}`);
    },
    told: ['pods/cross-node n2→n1 fail source-rewritten', 'pods/cross-node n2→n3 fail source-rewritten'],
    // The other side does not tell from which address it came.
    here: [],
  },
  {
    name: 'ip_forward off',
    breaks: async ({ host }) => {
      await host.sh('sysctl -qw net.ipv4.ip_forward=0');
      return () => host.sh('sysctl -qw net.ipv4.ip_forward=1');
    },
    told: ['kernel/ip-forward n2 fail disabled', ...acrossBoth('request-lost')],
    here: ['kernel/ip-forward n2 fail disabled', acrossFrom2],
  },
  {
    // Bridged packets pass the FORWARD chain, too: bridge-nf-call-iptables.
    name: 'FORWARD policy DROP',
    breaks: async ({ host }) => {
      await host.sh('iptables -P FORWARD DROP');
      return () => host.sh('iptables -P FORWARD ACCEPT');
    },
    told: [
      'network/firewall n2 warn forward-drop',
      ...acrossBoth('request-lost'),
      'pods/same-node n2 fail request-lost',
    ],
    here: ['network/firewall n2 warn forward-drop', acrossFrom2, 'pods/same-node n2 fail request-lost'],
  },
  {
    name: 'kubelet killed',
    breaks: async ({ host }, cluster) => {
      await stopKubelet(host);
      await heardOf(cluster, 'Unknown');
      return () => startKubelet(host);
    },
    told: [
      'host/kubelet n2 fail not-running',
      'ports/reachable n1→n2 unknown no-listener',
      'ports/served n2 fail not-served',
    ],
    here: [NOT_READY, 'host/kubelet n2 fail not-running', 'ports/served n2 fail not-served'],
  },
  {
    name: 'CNI configuration broken',
    breaks: async ({ host }, cluster) => {
      const file = '/etc/cni/net.d/10-pods.conflist';
      const right = await host.sh(`cat ${file}`);
      host.write(file, right.slice(0, -20));
      await heardOf(cluster, 'False');
      return () => host.write(file, right);
    },
    told: ['cni/config n2 fail broken', 'host/container-runtime n2 warn network-not-ready'],
    here: [NOT_READY, 'cni/config n2 fail broken', 'host/container-runtime n2 warn network-not-ready'],
  },
  {
    name: 'MTU of the way too small',
    breaks: async ({ host }) => {
      await atSwitch(host, 'eth0', (port) => `link set dev ${port} mtu 1400`);
      return () => atSwitch(host, 'eth0', (port) => `link set dev ${port} mtu 1500`);
    },
    told: acrossBoth('stalled'),
    here: UNASKED,
  },
  {
    name: 'rp_filter with an asymmetric route',
    breaks: async ({ host }, { nodes: [{ podNetwork, address }] }) => {
      await host.sh(`sysctl -qw net.ipv4.conf.eth0.rp_filter=1; ip route replace ${podNetwork} via 10.78.0.1`);
      return () => host.sh(`sysctl -qw net.ipv4.conf.eth0.rp_filter=0; ip route replace ${podNetwork} via ${address}`);
    },
    told: ['pods/cross-node n1→n2 fail request-lost', 'pods/cross-node n2→n1 fail reply-lost'],
    here: [acrossFrom2],
  },
  {
    // Which of the two gets a packet is decided by who spoke last.
    name: 'the hardware address of another node',
    breaks: async ({ host }, { nodes }) => {
      const own = (await host.sh('cat /sys/class/net/eth0/address')).trim();
      const other = (await nodes[2].host.sh('cat /sys/class/net/eth0/address')).trim();
      await host.sh(`ip link set dev eth0 address ${other}`);
      return () => host.sh(`ip link set dev eth0 address ${own}`);
    },
    told: ['network/mac-addresses n2→n3 fail duplicate-mac'],
    // Its own MAC is fine, by itself.
    here: [],
    perhaps: /^(?:pods\/cross-node|ports\/reachable) (?:n[1-3]→n[23]|n[23]→n1|n2) /,
  },
];

nodesTest.for(FAULTS)('$name', async (fault, { setting: { cluster, bystander } }) => {
  const admin = await cluster.controlPlane.host.sh('cat /etc/kubernetes/admin.conf');
  const undo = await fault.breaks(cluster.nodes[1], cluster);
  try {
    const sure = (report: Report) => told(report).filter((line) => fault.perhaps?.test(line) !== true);
    expect.soft(sure(await meshOf(cluster, bystander))).toEqual(fault.told.toSorted());
    const here = await askedBy(cluster.nodes[1].host, admin, '--pods', 'existing');
    expect.soft(sure(here)).toEqual(fault.here.toSorted());
  } finally {
    await undo();
    await healthy(cluster);
  }
});

nodesTest('a clock that is wrong', async ({ setting: { cluster, bystander } }) => {
  const ahead = ['env', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'faketime', '-f', '+90s'];
  expect(told(await meshOf(cluster, bystander, { n2: ahead }))).toEqual(['time/skew n2 fail skewed']);
});
