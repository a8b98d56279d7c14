import type { PairDraft } from '../../engine/check.ts';
import type { Facts } from '../../evidence/facts.ts';
import type { EndpointResult, Probed } from '../../evidence/probes.ts';
import type { Settings } from '../../plan/settings.ts';
import { canonicalIp } from '../../values/ip.ts';
import { LOCAL_LIMITS } from '../../values/local-limits.ts';
import { targetsOf, type InCluster, type Target, type TargetsOfNode } from './cluster-targets.ts';
import { policiesInTheWay } from './policies-in-the-way.ts';
import { valueOf } from '../reading.ts';

/** What one side alone can say of packets to real pods. */
export const CLUSTER_POD_REASONS = {
  open: 'pass',
  lost: 'fail',
  undecided: 'unknown',
  'no-target': 'skip',
  sampled: 'skip',
} as const;

type ClusterPodDraft = PairDraft<typeof CLUSTER_POD_REASONS>;

interface Try extends Target {
  readonly seen: EndpointResult['sender'];
}

/** One finding for each node of the cluster that takes no part in the run. */
export function clusterPodFindings(
  nodes: readonly InCluster[],
  plan: Pick<Settings, 'pods'>,
  probed: readonly Probed[],
): ClusterPodDraft[] {
  return nodes.flatMap((each) => {
    const found = targetsOf(each, nodes, plan);
    return found === null ? [] : findingsOf(each, found, probed);
  });
}

function findingsOf({ node, facts }: InCluster, found: TargetsOfNode, probed: readonly Probed[]): ClusterPodDraft[] {
  const machine = node.name;
  const source = sourceOf(machine, probed, valueOf(facts.clusterPods));
  // Of pods that could not be had something else says so already.
  if (source === null && found.targets.size > 0) return [];
  const triesOf = (targets: readonly Target[]) => targets.flatMap((target) => tried(machine, target, probed) ?? []);
  const tries = new Map([...found.targets].map(([name, targets]) => [name, triesOf(targets)]));
  const beside = triesOf(found.beside).filter(isTaken);
  const nodes = [machine];
  return [
    ...[...tries].map(([name, each]) => {
      const elsewhere = [...tries].some(([other, all]) => other !== name && all.some(isTaken));
      const policy = (target: Target) => policiesInTheWay(facts.clusterPolicies, source?.pod ?? null, target.pod);
      return { nodes, ...judged(name, each, { answered: elsewhere || beside.length > 0, policy }) };
    }),
    ...found.without.map((name): ClusterPodDraft => ({
      nodes,
      subject: `pod → pods of ${name}`,
      reason: 'no-target',
      message: `On ${name} no Ready pod runs that has a network of its own and declares a TCP port.`,
    })),
    ...(found.sampledOf === null
      ? []
      : [
          {
            nodes,
            subject: 'coverage',
            reason: 'sampled' as const,
            message: `A pod here tried pods of ${tries.size + found.without.length} of ${found.sampledOf} nodes, its neighbours on a ring.`,
          },
        ]),
  ];
}

/** The pod that sent, where one could be had; which one of the API's it is may not be known. */
function sourceOf(machine: string, probed: readonly Probed[], told: Facts['clusterPods']) {
  const pods = probed.flatMap((each) =>
    each.kind === 'pods' && each.request.machine === machine && 'value' in each.reading ? each.reading.value.pods : [],
  );
  const [first] = pods;
  if (first === undefined) return null;
  const own = first.addresses.map((address) => canonicalIp(address.replace(/\/.*$/, '')));
  return { pod: told?.pods.find(({ addresses }) => addresses.some((each) => own.includes(canonicalIp(each)))) ?? null };
}

function tried(machine: string, target: Target, probed: readonly Probed[]): Try | null {
  for (const each of probed) {
    if (each.kind !== 'endpoint' || each.request.from !== machine || each.request.pod === undefined) continue;
    const isIt = each.request.address === target.address && each.request.port === target.port;
    if (isIt && 'value' in each.reading) return { ...target, seen: each.reading.value.sender };
  }
  return null;
}

function isTaken({ seen }: Try): boolean {
  return seen.outcome === 'accepted' || seen.outcome === 'answered';
}

interface Around {
  /** Other pods answered this one. */
  readonly answered: boolean;
  /** What could refuse it on purpose. */
  readonly policy: (target: Target) => string | null;
}

function judged(name: string, tries: readonly Try[], { answered, policy }: Around) {
  const subject = `pod → pods of ${name}`;
  const evidence = {
    tries: tries.map(({ pod, address, port, seen }) => ({
      pod: `${pod.namespace}/${pod.name}`,
      address,
      port,
      outcome: seen.outcome,
      errno: seen.errno,
      waitedMs: seen.waitedMs,
    })),
  };
  const taken = tries.filter(isTaken);
  const [first] = taken;
  if (first !== undefined)
    return {
      subject,
      reason: 'open' as const,
      message: `A pod here reaches ${nameOf(first)} on ${name}, by ${first.address} port ${first.port}.`,
      evidence,
    };
  const undecided = (why: string) => ({
    subject,
    reason: 'undecided' as const,
    message: `Whether a pod here reaches pods of ${name} could not be decided: ${why}.`,
    evidence,
  });
  if (tries.length === 0) return undecided('nothing came to be known of those that were tried');
  const limit = tries.find(({ seen }) => seen.errno !== null && LOCAL_LIMITS.has(seen.errno));
  if (limit !== undefined) return undecided(`this machine came to a limit of its own (${limit.seen.errno})`);
  if (tries.some(({ seen }) => seen.outcome === 'refused'))
    return undecided(`${counted(tries)} refused or silent, and what a pod declares it need not listen on`);
  const [refusing] = tries.flatMap((each) => policy(each) ?? []);
  if (refusing !== undefined) return undecided(`${counted(tries)} silent, and ${refusing}`);
  if (tries.length < 2)
    return undecided(`the only pod there that declares a TCP port, ${tries.map(nameOf).join()}, is silent`);
  if (!answered) return undecided(`${counted(tries)} silent, and no other pod answered this one either`);
  return {
    subject,
    reason: 'lost' as const,
    message: `A pod here reaches none of ${tries.length} Ready pods of ${name}, and others answer it: ${tries.map(nameOf).join(', ')}.`,
    why: 'Kubernetes demands that pods of all nodes reach each other.',
    expected: `one of them takes a connection`,
    actual: [...new Set(tries.map(({ seen }) => seen.errno ?? 'silence'))].join(', '),
    evidence,
    remedy: {
      text: `Look for the route to the pods of ${name} here and on ${name} for that back, for forwarding on both, and for what the network add-on needs between the two. \`seaworthy listen\` on ${name} and --peer here tell on which side it is lost.`,
      commands: tries.slice(0, 1).map(({ address }) => `ip route get ${address}`),
    },
  };
}

function counted({ length }: readonly Try[]): string {
  return length === 1 ? 'the one that was tried is' : `all ${length} that were tried are`;
}

function nameOf({ pod }: Target): string {
  return `${pod.namespace}/${pod.name}`;
}
