import type { CompareContext, PairDraft } from '../../engine/check.ts';
import type { Place, PodsResult } from '../../evidence/pods.ts';
import { podDraft, unseenPodDraft, type PodScene } from './pod-findings.ts';
import { legsOf, placeName, sharedAddresses, type PodWayProbed } from './pod-legs.ts';
import { POD_REACH_REASONS } from './pod-reach-reason.ts';
import { ABSENT_REASONS, MAKING_REASONS, notMade, podsThere } from './pods-there.ts';
import { unreachablePeers } from '../reach/unreachable-peers.ts';

/** What can be said of pods that speak to each other. */
export const POD_NETWORK_REASONS = {
  ...POD_REACH_REASONS,
  ...ABSENT_REASONS,
  ...MAKING_REASONS,
  'duplicate-address': 'fail',
} as const;

type PodNetworkDraft = PairDraft<typeof POD_NETWORK_REASONS>;

/** One finding for each machine whose pods could not be had, for each address that two pods have, and for each way and protocol between the others. */
export function podNetworkFindings(nodes: PodScene['nodes'], { plan, probed }: CompareContext): PodNetworkDraft[] {
  const there = podsThere(probed, plan.pods ?? 'throw-away');
  const told = new Map(there.flatMap(({ machine, told: result }) => (result === null ? [] : [[machine, result]])));
  // Where others have pods, or the node runs them already, one without any was not left out: it was not tested.
  const isWanted = (machine: string) =>
    there.some(({ told: result }) => result?.none === null) ||
    nodes.some(({ node: { name, stage } }) => name === machine && stage === 'joined');
  const absent = there.flatMap(({ machine, told: result, absent: draft }) => {
    const said = draft ?? (result === null ? null : notMade(machine, result));
    return said === null ? [] : [{ ...(isWanted(machine) ? asWanted(said) : said), nodes: [machine] }];
  });
  const blamed = new Set(absent.flatMap((draft) => draft.nodes));
  const ways = probed.filter((each) => each.kind === 'pod-way');
  const shared = sharedAddresses(ways);
  return [
    ...unreachablePeers(nodes, probed),
    ...absent,
    ...[...shared].map(([address, places]) => duplicate(address, places)),
    ...ways
      .filter((way) => isOpenQuestion(way, told, blamed))
      .flatMap((way) => waysOf(way, shared, { plan, nodes, told })),
  ];
}

function asWanted<T extends { readonly reason: string; readonly subject: string; readonly message: string }>(draft: T) {
  if (draft.reason !== 'no-network' && draft.reason !== 'needs-real-pod') return draft;
  return { subject: draft.subject, reason: 'undecided' as const, message: draft.message };
}

/** Of pods that could not be had one finding says so already, whatever was to be sent to them. */
function isOpenQuestion(
  { request: { from, to }, reading }: PodWayProbed,
  told: ReadonlyMap<string, PodsResult>,
  blamed: ReadonlySet<string>,
): boolean {
  if ('value' in reading) return true;
  return reading.unread === 'undecided' && [from, to].every(({ machine }) => told.has(machine) && !blamed.has(machine));
}

function waysOf(way: PodWayProbed, shared: ReadonlyMap<string, readonly Place[]>, scene: PodScene): PodNetworkDraft[] {
  return legsOf(way).flatMap((leg) => {
    if ('why' in leg) return [unseenPodDraft(leg)];
    const { source, address } = leg.podWay;
    return [source ?? '', address].some((each) => shared.has(each)) ? [] : [podDraft(leg, scene)];
  });
}

function duplicate(address: string, places: readonly Place[]): PodNetworkDraft {
  const machines = [...new Set(places.map(({ machine }) => machine))];
  const names = places.map(placeName).join(' and ');
  return {
    nodes: machines,
    subject: address,
    reason: 'duplicate-address',
    message: `${names[0]?.toUpperCase() ?? ''}${names.slice(1)} have one address: ${address}.`,
    why: 'What is sent to one of them gets to another one, or to none.',
    expected: 'an address of its own for each pod',
    actual: names,
    evidence: { address, places },
    remedy: {
      text:
        machines.length > 1
          ? 'Give each node a range of its own: its podCIDR, or ipam in the file of the network on each node.'
          : 'See that the records of the addresses that are in use were not removed (host-local keeps them in /var/lib/cni/networks), and that no two files of networks share a range.',
      commands: ['grep -rn subnet /etc/cni/net.d'],
    },
  };
}
