import { rmSync } from 'node:fs';
import { afterAll, expect } from 'vitest';
import { RING_NEIGHBOURS } from '../../src/judging/reach/ring.ts';
import { newToken } from '../../src/peers/token.ts';
import { reportSchema, type Finding } from '../../src/report/schema.ts';
import { makeAuthority } from '../authority.ts';
import { baseSystem } from './base-system.ts';
import { buildImage, PROGRAMS_OF, type Image } from './image.ts';
import { labTest, type Lab } from './lab.ts';
import { podOf } from './manifests.ts';
import { machineOf, startPod, type Machine, type PodRun } from './node-pod.ts';
import { addPods, makeNodes, nodeAddress } from './pods.ts';
import { rules } from './reach.ts';
import { accountFiles, metricsOf, nodeList } from './serving-nodes.ts';

const BASE_SYSTEM_MS = 10 * 60_000;
const POD = podOf('overlays/pods');
const TOKEN = { '/etc/seaworthy-token': { token: newToken() } };
const PORT = 8_080;

let built: Image | null = null;
afterAll(() => built?.remove());

const imageTest = labTest
  .extend('image', async ({ skip }): Promise<Image> => {
    return (built ??= buildImage(baseSystem(skip, null, PROGRAMS_OF), true));
  })
  // Its API tells of all nodes and their pods.
  .extend('cluster', async ({ lab }, { onCleanup }) => {
    const authority = makeAuthority('kubernetes');
    onCleanup(() => rmSync(authority.directory, { recursive: true, force: true }));
    return async (count: number): Promise<{ nodes: Node[]; inCluster: InCluster }> => {
      const nodes = await makeMachines(lab, count);
      const hosts = nodes.map(({ host }) => host);
      const ip = nodeAddress(hosts[0] ?? expect.fail('there is no node'));
      await hosts[0]?.listen('kube-apiserver', 6_443, {
        bodies: {
          '/api/v1/nodes': nodeList(
            hosts.map((host) => ({ name: host.name, ip: nodeAddress(host), controlPlane: false })),
          ),
          '/api/v1/pods': listOf(
            hosts.flatMap(({ name }, index) => [0, 1].map((pod) => podObject(name, index + 1, pod))),
          ),
          '/apis/networking.k8s.io/v1/networkpolicies': listOf([]),
        },
        tls: authority.issue('kube-apiserver', `IP:${ip}`),
      });
      const files = { ...TOKEN, '/var/run/secrets/kubernetes.io/serviceaccount': accountFiles(authority) };
      const service = { KUBERNETES_SERVICE_HOST: ip, KUBERNETES_SERVICE_PORT: '6443' };
      return { nodes, inCluster: ({ host }) => ({ files, environment: { NODE_NAME: host.name, ...service } }) };
    };
  });

interface Node extends Machine {
  /** Network namespaces of its pods. */
  readonly pods: readonly string[];
}

/** Nodes that have joined, with two pods each that listen, as a runtime makes them. */
async function makeMachines(lab: Lab, count: number): Promise<Node[]> {
  const hosts = await makeNodes(lab, count);
  const nodes: Node[] = [];
  for (const [index, host] of hosts.entries()) {
    host.write('/etc/kubernetes/kubelet.conf', '');
    const machine = await machineOf(host);
    await machine.listen('kubelet', 10_250);
    const pods = await addPods(machine, index + 1, 2);
    for (const name of pods)
      await machine.sh(
        `setsid ip netns exec ${name} ${process.execPath} -e "require('node:net').createServer((s) => s.on('error', () => s.destroy()).resume()).listen(${PORT})" </dev/null >/dev/null 2>&1 &
        for i in $(seq 100); do ip netns exec ${name} ss -Htln | grep -q . && exit; sleep 0.1; done; exit 1`,
      );
    nodes.push({ ...machine, pods });
  }
  return nodes;
}

/** Of the machine and its pods. */
async function stateOf(node: Node): Promise<string> {
  const inside = node.pods.map(
    (name) => `ip -n ${name} address; ip netns exec ${name} ss -Htuln; ip netns pids ${name}`,
  );
  return ((await node.host.state()) + (await node.sh(inside.join('\n')))).replaceAll(' tentative', '');
}

/** What a kubelet gives a pod so that it finds the API of its cluster, which is on the first node. */
type InCluster = (machine: Machine) => Pick<PodRun, 'files' | 'environment'>;

function listOf(items: readonly unknown[]): string {
  return JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata: {}, items });
}

function podObject(node: string, number: number, pod: number) {
  return {
    metadata: { namespace: 'default', name: `web-${node}-${pod}` },
    spec: { nodeName: node, containers: [{ ports: [{ containerPort: PORT }] }] },
    status: { podIP: `10.244.${number}.${10 + pod}`, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

const findingsOf = async (machine: Machine, image: Image, options: Partial<PodRun>): Promise<Finding[]> => {
  const pod = startPod(machine, image, POD, {
    files: TOKEN,
    environment: { NODE_NAME: machine.host.name },
    ...options,
  });
  const { stdout, stderr } = await pod.ended;
  if (stdout === '') throw new Error(stderr);
  return reportSchema.parse(JSON.parse(stdout)).checks.flatMap(({ findings }) => findings);
};
const HERE = ['check', '--root=/host', '--json', '--only=pods/same-node', '--only=network/firewall'];

imageTest(
  'pods of a node are entered from the container with the rights of the manifest, and with none of them less',
  { timeout: BASE_SYSTEM_MS },
  async ({ lab, image }) => {
    const [node] = await makeMachines(lab, 1);
    if (node === undefined) throw new Error('there is no node');
    const before = await stateOf(node);
    const found = await findingsOf(node, image, { args: HERE });
    expect(found.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(new Set(found.map(({ check }) => check))).toEqual(new Set(['pods/same-node', 'network/firewall']));

    const { add } = POD.containers[0].securityContext.capabilities;
    for (const missing of ['SYS_ADMIN', 'NET_ADMIN']) {
      const capabilities = add.filter((name) => name !== missing);
      const less = await findingsOf(node, image, { args: HERE, capabilities });
      expect(less.filter(({ check }) => check === 'pods/same-node').map(({ status }) => status)).toEqual(['unknown']);
    }
    // Nothing is made on a machine from a container of it.
    const thrown = await findingsOf(node, image, { args: [...HERE, '--pods=throw-away'] });
    expect(thrown.filter(({ check }) => check === 'pods/same-node').map(({ reason }) => reason)).toEqual([
      'fact-unsupported',
    ]);
    expect(await stateOf(node)).toBe(before);
  },
);

imageTest(
  'pods of nodes that take no part are reached from a pod here, by what the API tells',
  { timeout: BASE_SYSTEM_MS },
  async ({ cluster, image }) => {
    const { nodes, inCluster } = await cluster(3);
    const [first, second] = nodes;
    if (first === undefined || second === undefined) throw new Error('there are three');
    const before = await Promise.all(nodes.map(stateOf));
    const args = ['check', '--root=/host', '--json', '--kubeconfig=in-cluster', '--only=pods/cross-node'];
    const across = async () => {
      const found = await findingsOf(first, image, { ...inCluster(first), args });
      return found.map(({ subject, reason }) => [subject, reason]);
    };
    expect(await across()).toEqual([
      ['pod → pods of n2', 'open'],
      ['pod → pods of n3', 'open'],
    ]);
    expect(await Promise.all(nodes.map(stateOf))).toEqual(before);
    await rules(second.host, { forward: ['ip saddr 10.244.1.0/24 drop'] });
    expect(await across()).toEqual([
      ['pod → pods of n2', 'lost'],
      ['pod → pods of n3', 'open'],
    ]);
  },
);

imageTest(
  'the DaemonSet for pods on three nodes: a way between pods that breaks is told, and no other',
  { timeout: BASE_SYSTEM_MS },
  async ({ cluster, image }) => {
    const { nodes, inCluster } = await cluster(3);
    const [n1, n2, n3] = nodes;
    if (n1 === undefined || n2 === undefined || n3 === undefined) throw new Error('there are three');
    const before = await Promise.all(nodes.map(stateOf));
    // A run every minute is too slow for a test.
    const often = ['--interval=3s', '--only=pods/same-node', '--only=pods/cross-node'];
    const args = [...POD.containers[0].args, ...often];
    const pods = nodes.map((machine) => startPod(machine, image, POD, { ...inCluster(machine), args }));
    const used: number[][] = [];
    const shown = async (node: Node) => {
      used.push(
        (await node.sh(ANONYMOUS))
          .split('\n')
          .filter(Boolean)
          .map(Number)
          .sort((a, b) => b - a),
      );
      const on = [...(await metricsOf(node.host))].flatMap(([key, value]) => (value === 1 ? [key] : []));
      return on.flatMap((key) => (WAY.exec(key) ?? STATUS.exec(key))?.slice(1).join(' ') ?? []).sort();
    };
    const becomes = async (node: Node, ...wanted: readonly string[]) => {
      await expect.poll(() => shown(node), { timeout: 90_000, interval: 500 }).toEqual(wanted.toSorted());
    };
    const fine = ({ host: { name } }: Node) => [
      'pods/cross-node pass',
      'pods/same-node pass',
      ...nodes.flatMap(({ host }) =>
        host.name === name ? [] : [`${name} ${host.name} pass`, `${host.name} ${name} pass`],
      ),
    ];
    const broken = (node: Node) => [
      ...fine(node).filter((each) => each !== 'n1 n2 pass' && each !== 'pods/cross-node pass'),
      'n1 n2 fail',
      'pods/cross-node fail',
    ];
    try {
      for (const node of nodes) await becomes(node, ...fine(node));
      await rules(n2.host, { forward: ['ip saddr 10.244.1.0/24 ip daddr 10.244.2.0/24 ct state new drop'] });
      await becomes(n1, ...broken(n1));
      await becomes(n2, ...broken(n2));
      await becomes(n3, ...fine(n3));
      await n2.host.sh('nft delete table inet faults');
      for (const node of nodes) await becomes(node, ...fine(node));
    } finally {
      await Promise.all(pods.map((pod) => pod.stop()));
    }
    // Of its own run, and of all that may check this node at once, there are two agents each.
    const [serving, agent] = [0, 1].map((index) => Math.max(...used.map((each) => each[index] ?? 0)) / 1024);
    const agents = 2 * (1 + RING_NEIGHBOURS);
    const needed = (serving ?? 0) + agents * (agent ?? 0);
    console.log(
      `serve needs ${serving?.toFixed()} MiB, an agent ${agent?.toFixed()}: with ${agents} of them ${needed.toFixed()}`,
    );
    expect(agent).toBeGreaterThan(0);
    expect(needed).toBeLessThan(mebibytes(POD.containers[0].resources.limits.memory));
    expect(await Promise.all(nodes.map(stateOf))).toEqual(before);
  },
);

const WAY = /^pair_status\{source="(.*)",destination="(.*)",status="(.*)"\}$/;
const STATUS = /^check_status\{check="(pods.*?)".*status="(.*?)"/;

/** Of each process of ours on a machine, in KiB: what cannot be read again from a file. */
const ANONYMOUS = `
  for p in /proc/[0-9]*; do case $(readlink $p/exe) in */usr/bin/seaworthy) cat $p/status; esac; done 2>/dev/null |
  awk '/^RssAnon/ { print $2 }'`;

function mebibytes(quantity: string): number {
  const [, number = '', unit] = /^(\d+)([MG])i$/.exec(quantity) ?? [];
  return Number(number) * (unit === 'G' ? 1024 : 1);
}
