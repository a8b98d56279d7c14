import type { ComparedNode } from '../../engine/check.ts';
import type { Facts } from '../../evidence/facts.ts';
import type { EndpointRequest, ProbeRequest } from '../../evidence/probes.ts';
import type { Settings } from '../../plan/settings.ts';
import { ownNode } from '../../kubernetes/own-node.ts';
import { canonicalIp } from '../../values/ip.ts';
import { neighbours, RING_NEIGHBOURS } from '../reach/ring.ts';
import { valueOf } from '../reading.ts';

type ClusterNode = NonNullable<Facts['clusterNodes']>[number];
type ClusterPod = NonNullable<Facts['clusterPods']>['pods'][number];

type ClusterFact = 'clusterNodes' | 'clusterPods' | 'clusterPolicies';
export type InCluster = ComparedNode<never, ClusterFact>;

/** Of each node; more would tell no more. */
const PODS_OF_A_NODE = 3;
/** Of a larger cluster the neighbours on a ring are tried. */
const NODES_IN_FULL = 30;

/** A real pod that is to be reached, by a port that it declares. */
export interface Target {
  readonly pod: ClusterPod;
  readonly address: string;
  readonly port: number;
}

/** What a pod of one node of the run tries: pods of the nodes that take no part, and of its own for comparison. */
export interface TargetsOfNode {
  readonly own: ClusterNode;
  /** By name of the node. */
  readonly targets: ReadonlyMap<string, readonly Target[]>;
  /** Of its own node. */
  readonly beside: readonly Target[];
  /** Names of nodes that have none. */
  readonly without: readonly string[];
  /** How many there are where they are tried in part; null where all are. */
  readonly sampledOf: number | null;
}

/** Null where no cluster was asked, where pods of this node are not to be entered, and where the API does not know this node. */
export function targetsOf(
  { node, unreachable, facts }: InCluster,
  all: readonly InCluster[],
  plan: Pick<Settings, 'pods'>,
): TargetsOfNode | null {
  // Where this machine takes part it is the one that is asked about.
  if (unreachable !== undefined || (!node.self && all.some((each) => each.node.self))) return null;
  const nodes = valueOf(facts.clusterNodes);
  const told = valueOf(facts.clusterPods);
  if (plan.pods !== 'existing' || nodes == null || told == null) return null;
  const own = ownNode(nodes, node);
  if (own === null) return null;
  // Between those that take part packets are seen from both sides.
  const others = nodes.filter(
    (each) =>
      each !== own &&
      !each.deleting &&
      each.ready === 'True' &&
      !all.some((one) => one.unreachable === undefined && isNode(one, each)),
  );
  const names = others.map(({ name }) => name);
  const chosen = others.length > NODES_IN_FULL ? neighbours([...names, own.name], own.name, RING_NEIGHBOURS) : names;
  const podsOf = (name: string) =>
    told.pods
      .filter((pod) => pod.node === name && pod.ready && pod.ports.length > 0)
      .slice(0, PODS_OF_A_NODE)
      .flatMap((pod) => targetOf(pod) ?? []);
  const byNode = chosen.map((name) => [name, podsOf(name)] as const);
  return {
    own,
    targets: new Map(byNode.filter(([, targets]) => targets.length > 0)),
    beside: podsOf(own.name).filter(({ address }) => !node.addresses.includes(address)),
    without: byNode.flatMap(([name, targets]) => (targets.length === 0 ? [name] : [])),
    sampledOf: chosen.length < others.length ? others.length : null,
  };
}

function isNode({ node }: InCluster, { name, internalIps }: ClusterNode): boolean {
  return (
    node.name === name ||
    internalIps.some((address) => node.addresses.some((each) => canonicalIp(each) === canonicalIp(address)))
  );
}

function targetOf(pod: ClusterPod): Target | null {
  const [address] = pod.addresses;
  // CoreDNS answers on 53 for certain; its other ports are for probes and metrics.
  const port = pod.ports.includes(53) ? 53 : pod.ports[0];
  return address === undefined || port === undefined ? null : { pod, address, port };
}

/** From the first pod of the machine. */
function requestOf(machine: string, { address, port }: Target): EndpointRequest {
  return { kind: 'endpoint', from: machine, pod: 0, address, port, behind: [] };
}

/** A pod of each such node, and what it tries. */
export function targetRequests(nodes: readonly InCluster[], plan: Pick<Settings, 'pods'>): ProbeRequest[] {
  return nodes.flatMap((each): ProbeRequest[] => {
    const found = targetsOf(each, nodes, plan);
    const machine = each.node.name;
    if (found === null || found.targets.size === 0) return [];
    return [
      { kind: 'pods', machine, how: 'existing', count: 1 },
      ...[...found.beside, ...[...found.targets.values()].flat()].map((target) => requestOf(machine, target)),
    ];
  });
}
