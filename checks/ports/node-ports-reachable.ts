import type { PairDraft } from '../../src/engine/check.ts';
import type { Node } from '../../src/engine/node.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { packetFilter } from '../../src/judging/reach/firewall-remedy.ts';
import { opensNodePorts } from '../../src/judging/reach/opened-node-ports.ts';
import { reachFindings } from '../../src/judging/reach/reach-findings.ts';
import { REACH_REASONS } from '../../src/judging/reach/reach-reasons.ts';
import { neighbours } from '../../src/judging/reach/ring.ts';
import { reachedNodes, unreachablePeers } from '../../src/judging/reach/unreachable-peers.ts';
import { addressesBetween, requestsFor, waysBetween, type Way, type Ways } from '../../src/judging/reach/ways.ts';
import { reaches, runsPods } from '../../src/kubernetes/reach.ts';
import type { Settings } from '../../src/plan/settings.ts';
import { formatPortRange } from '../../src/values/port-range.ts';

const ID = 'ports/node-ports-reachable';

const REASONS = { ...REACH_REASONS, 'not-swept': 'skip', 'not-needed': 'skip', sampled: 'skip' } as const;

type Finding = PairDraft<typeof REASONS>;

/** In a mesh each node's range is tried from so many others. */
const NEIGHBOURS = 2;

export default defineCheck({
  id: 'ports/node-ports-reachable',
  title: 'nodes reach the whole NodePort range of each other',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: REASONS,
  needs: [],
  wants: ['firewall'],
  probes(nodes, { plan }) {
    const met = reachedNodes(nodes);
    return requestsFor(sweeps(met, plan).ways, 1, (way) => isFirstOverTcp(way, met, plan));
  },
  compare(nodes, { plan, probed, sent }) {
    if (!sent) return [];
    const met = reachedNodes(nodes);
    const filters = new Map(nodes.map(({ node, facts }) => [node.name, packetFilter(facts.firewall)]));
    const swept = sweeps(met, plan);
    const left = met.filter((node) => runsPods(node) && !opensNodePorts(node, plan));
    const found: Finding[] = [
      ...unreachablePeers(nodes, probed),
      ...reachFindings(swept, probed, (name) => filters.get(name) ?? null),
      ...left.map((node) => notSwept(node, plan)),
    ];
    if (found.length === 0) return [notNeeded(nodes.map(({ node }) => node))];
    return [...found, ...sampled(met, swept, plan)];
  },
});

function sweeps(nodes: readonly Node[], plan: Settings): Ways {
  const senders = sendersOf(nodes, plan);
  return waysBetween(
    nodes,
    plan,
    ({ kind }, from, to) =>
      kind === 'node-port' && opensNodePorts(to, plan) && senders?.get(to.name)?.has(from.name) !== false,
  );
}

/** In a mesh, the nodes that try the range of each; null where this node takes part, and tries all. */
function sendersOf(nodes: readonly Node[], plan: Settings): ReadonlyMap<string, ReadonlySet<string>> | null {
  if (nodes.some(({ self }) => self)) return null;
  return new Map(
    nodes.map((to) => {
      const able = nodes.filter((from) => runsPods(from) && addressesBetween(from, to, plan).length > 0);
      const names = neighbours([to.name, ...able.map(({ name }) => name)], to.name, NEIGHBOURS);
      // Whoever nobody has an address for is said of all.
      return [to.name, new Set(names.length === 0 ? nodes.map(({ name }) => name) : names)];
    }),
  );
}

/** ports/reachable has no connection between these two that could carry 200 kB. */
function isFirstOverTcp({ from, to }: Way, nodes: readonly Node[], plan: Settings): boolean {
  const [sender, receiver] = [from, to].map((name) => nodes.find((node) => node.name === name));
  if (sender === undefined || receiver === undefined) return false;
  return reaches(sender, receiver, plan).every(({ kind, protocol }) => kind === 'node-port' || protocol === 'udp');
}

function notSwept({ name }: Node, { nodePortRange }: Settings): Finding {
  return {
    nodes: [name],
    subject: formatPortRange(nodePortRange),
    reason: 'not-swept',
    message: `${name} has joined: its NodePorts are left to its Services, unless --only ${ID} asks for them.`,
  };
}

function notNeeded(nodes: readonly Node[]): Finding {
  return {
    nodes: nodes.map(({ name }) => name),
    subject: 'roles',
    reason: 'not-needed',
    message: 'Nodes of the role etcd alone have no NodePorts, and need none.',
  };
}

function sampled(nodes: readonly Node[], { ways }: Ways, plan: Settings): Finding[] {
  const pairs = new Set(ways.map(({ from, to }) => JSON.stringify([from, to]))).size;
  const holders = nodes.filter(runsPods);
  const all = holders.filter((node) => opensNodePorts(node, plan)).length * (holders.length - 1);
  if (pairs === 0 || pairs >= all || nodes.some(({ self }) => self)) return [];
  return [
    {
      nodes: holders.map(({ name }) => name),
      subject: 'coverage',
      reason: 'sampled',
      message: `The range of each node was tried from ${NEIGHBOURS} neighbours: ${pairs} of ${all} pairs.`,
    },
  ];
}
