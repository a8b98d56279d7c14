import type { Node } from '../../src/engine/node.ts';
import { CLUSTER_POD_REASONS, clusterPodFindings } from '../../src/judging/pods/cluster-pod-findings.ts';
import { targetRequests } from '../../src/judging/pods/cluster-targets.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { POD_NETWORK_REASONS, podNetworkFindings } from '../../src/judging/pods/pod-network.ts';
import { podsBetween } from '../../src/judging/pods/pod-requests.ts';
import { isSampled, neighbours, RING_NEIGHBOURS } from '../../src/judging/reach/ring.ts';
import { reachedNodes } from '../../src/judging/reach/unreachable-peers.ts';

const { 'source-rewritten-at-node': _, 'not-open': __, ...BETWEEN_PODS } = POD_NETWORK_REASONS;
const REASONS = { ...BETWEEN_PODS, ...CLUSTER_POD_REASONS } as const;

export default defineCheck({
  id: 'pods/cross-node',
  title: 'pods of different nodes reach each other without NAT',
  docs: 'https://kubernetes.io/docs/concepts/cluster-administration/networking/',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  roles: ['control-plane', 'worker'],
  intrusive: { does: 'It sends packets between pods', pods: ['throw-away', 'existing'], byId: false },
  reasons: REASONS,
  needs: [],
  // Pods of nodes that take no part are known to the API.
  alone: true,
  wants: ['sysctls', 'sysctlFiles', 'firewall', 'clusterNodes', 'clusterPods', 'clusterPolicies'],
  probes(nodes, { plan }) {
    const met = reachedNodes(nodes);
    const pairs = pairsOf(met);
    const between = pairs.length === 0 ? [] : podsBetween(namesOf(met), pairs, plan.pods ?? 'throw-away');
    const isAsked = (machine: string) => between.some((each) => each.kind === 'pods' && each.machine === machine);
    const towards = targetRequests(nodes, plan).filter((each) => each.kind !== 'pods' || !isAsked(each.machine));
    return [...between, ...towards];
  },
  compare(nodes, context) {
    const met = reachedNodes(nodes);
    const findings = podNetworkFindings(nodes, context).flatMap((draft) =>
      // Of a node and its own pods, to which nothing is sent here.
      draft.reason === 'source-rewritten-at-node' || draft.reason === 'not-open' ? [] : [draft],
    );
    const towards = clusterPodFindings(nodes, context.plan, context.probed);
    return [...findings, ...towards, ...(isSampled(met) ? [sampled(met)] : [])];
  },
});

function namesOf(nodes: readonly Node[]): string[] {
  return nodes.map(({ name }) => name);
}

/** Directed: those with this node at one end where it takes part, otherwise all, or in a large mesh those on the ring. */
function pairsOf(nodes: readonly Node[]): { from: string; to: string }[] {
  const names = namesOf(nodes);
  const mesh = nodes.every(({ self }) => !self);
  const ring = isSampled(nodes);
  return nodes.flatMap((from) => {
    const chosen = new Set(ring ? neighbours(names, from.name, RING_NEIGHBOURS) : names);
    return nodes
      .filter((to) => to !== from && chosen.has(to.name) && (mesh || from.self || to.self))
      .map((to) => ({ from: from.name, to: to.name }));
  });
}

function sampled(nodes: readonly Node[]) {
  return {
    nodes: namesOf(nodes),
    subject: 'coverage',
    reason: 'sampled',
    message: `A pod on each of ${nodes.length} nodes sent packets to those of ${RING_NEIGHBOURS} neighbours.`,
  } as const;
}
