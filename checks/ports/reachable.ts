import type { PairDraft } from '../../src/engine/check.ts';
import type { Node } from '../../src/engine/node.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { packetFilter } from '../../src/judging/reach/firewall-remedy.ts';
import { reachFindings, type ReachDraft } from '../../src/judging/reach/reach-findings.ts';
import { REACH_REASONS } from '../../src/judging/reach/reach-reasons.ts';
import { isSampled, neighbours, RING_NEIGHBOURS } from '../../src/judging/reach/ring.ts';
import { reachedNodes, unreachablePeers } from '../../src/judging/reach/unreachable-peers.ts';
import { requestsFor, waysBetween, type Ways } from '../../src/judging/reach/ways.ts';
import { runsPods, untriedProtocols } from '../../src/kubernetes/reach.ts';
import type { Settings } from '../../src/plan/settings.ts';

const REASONS = {
  ...REACH_REASONS,
  'optional-closed': 'warn',
  'feature-off': 'skip',
  'no-datagram-form': 'skip',
  'not-needed': 'skip',
  sampled: 'skip',
} as const;

type Finding = PairDraft<typeof REASONS>;

/** Datagrams to each port: the loss of more than one of them is a fault. */
const DATAGRAMS = 20;

export default defineCheck({
  id: 'ports/reachable',
  title: 'nodes reach the ports of each other that their roles need',
  docs: 'https://kubernetes.io/docs/reference/networking/ports-and-protocols/',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: REASONS,
  needs: [],
  wants: ['firewall'],
  probes(nodes, { plan }) {
    return requestsFor(neededWays(reachedNodes(nodes), plan).ways, DATAGRAMS);
  },
  compare(nodes, { plan, probed, sent }) {
    if (!sent) return [];
    const met = reachedNodes(nodes);
    const { ways, apart, lacking } = neededWays(met, plan);
    const filters = new Map(nodes.map(({ node, facts }) => [node.name, packetFilter(facts.firewall)]));
    const filterOf = (name: string) => filters.get(name) ?? null;
    const needed = { ways: ways.filter(({ reach }) => !reach.optional), apart, lacking };
    const optional = { ways: ways.filter(({ reach }) => reach.optional), apart: [], lacking: [] };
    const found: Finding[] = [
      ...unreachablePeers(nodes, probed),
      ...reachFindings(needed, probed, filterOf),
      ...reachFindings(optional, probed, filterOf).map(asOptional),
    ];
    return [
      ...(found.length === 0 ? [notNeeded(nodes.map(({ node }) => node))] : found),
      ...untried(met, plan),
      ...(isSampled(met) ? [sampled(met)] : []),
    ];
  },
});

/** What the roles need is tried between all, what the network add-on needs in a large mesh by neighbours. */
function neededWays(nodes: readonly Node[], plan: Settings): Ways {
  const names = nodes.filter(runsPods).map(({ name }) => name);
  const senders = isSampled(nodes)
    ? new Map(names.map((name) => [name, new Set(neighbours(names, name, RING_NEIGHBOURS))]))
    : null;
  return waysBetween(nodes, plan, ({ kind }, from, to) => {
    if (kind === 'component') return true;
    return kind === 'add-on' && senders?.get(to.name)?.has(from.name) !== false;
  });
}

/** A feature that is off is no fault. */
function asOptional(draft: ReachDraft): Finding {
  if (draft.reason === 'no-listener') {
    const { remedy: _, ...rest } = draft;
    return {
      ...rest,
      reason: 'feature-off',
      message: `Nothing listens on ${draft.subject} of ${draft.nodes.at(-1) ?? 'that node'}: the feature is off, or runs on other nodes.`,
    };
  }
  if (REACH_REASONS[draft.reason] !== 'fail' || draft.remedy === undefined) return draft;
  return {
    ...draft,
    reason: 'optional-closed',
    evidence: { ...draft.evidence, reason: draft.reason },
    remedy: draft.remedy,
  };
}

function notNeeded(nodes: readonly Node[]): Finding {
  return {
    nodes: nodes.map(({ name }) => name),
    subject: 'roles',
    reason: 'not-needed',
    message:
      'By their roles these nodes need no port of each other but NodePorts; those of a network add-on --cni tells.',
  };
}

function untried(nodes: readonly Node[], plan: Settings): Finding[] {
  const names = nodes.filter(runsPods).map(({ name }) => name);
  if (names.length < 2) return [];
  return untriedProtocols(plan).map(({ number, name }) => ({
    nodes: names,
    subject: `ip/${number}`,
    reason: 'no-datagram-form',
    message: `Whether ${name} (IP protocol ${number}) passes between nodes cannot be tried with datagrams; pods/cross-node is the proof.`,
  }));
}

function sampled(nodes: readonly Node[]): Finding {
  return {
    nodes: nodes.map(({ name }) => name),
    subject: 'coverage',
    reason: 'sampled',
    message: `What the roles of ${nodes.length} nodes need was tried between all of them; ports of the network add-on were tried from ${RING_NEIGHBOURS} neighbours of each node.`,
  };
}
