import { liveSource } from '../../evidence/live.ts';
import type { Reading } from '../../evidence/reading.ts';
import type { Source } from '../../evidence/source.ts';
import { withClusterFacts } from '../../evidence/with-cluster.ts';
import { ownNode } from '../../kubernetes/own-node.ts';
import type { Plan } from '../../plan/settings.ts';
import { liveSystem } from '../../system/live.ts';
import type { System } from '../../system/system.ts';
import type { Catalogue } from '../run/catalogue.ts';
import type { RingDuty } from './ring-duty.ts';
import { requireAccess } from './require-access.ts';
import { TOOL } from '../tool.ts';

export interface ToldByCluster {
  /** With what the API told where nobody said otherwise. */
  readonly plan: Plan;
  /** Why the nodes of the cluster that the plan names could not be read, as a sentence. */
  readonly unread: string | null;
  /** The source of the run, with the facts of the cluster. */
  readonly add: (source: Source) => Source;
}

interface ClusterInput {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  readonly signal: AbortSignal;
  /** There is a token, by which nodes can be peers. */
  readonly peers: boolean;
  /** This machine takes part: where it is a node it is no peer of itself. */
  readonly self: boolean;
  /** Where the nodes of the cluster check each other on a ring, the part of this one; else all of them are peers. */
  readonly ring?: RingDuty | null;
}

/** Asks the API of the cluster that the plan names, once for a run. Throws a UsageError where what was said leads to none; what the API does not tell is unread. */
export async function toldByCluster({
  plan,
  catalogue,
  signal,
  peers,
  self,
  ring = null,
}: ClusterInput): Promise<ToldByCluster> {
  const { facts } = catalogue;
  const { kubeconfig } = plan.settings;
  if (kubeconfig === null) return { plan, unread: null, add: (source) => withClusterFacts(source, null, facts) };
  const system = liveSystem();
  await requireAccess(kubeconfig);
  const cluster = liveSource({ system, facts, plan, tool: TOOL, signal });
  const add = (source: Source) => withClusterFacts(source, cluster, facts);
  const [machine] = cluster.machines;
  if (machine === undefined) return { plan, unread: null, add };
  const [networks, listed] = await Promise.all([
    cluster.read(machine, 'clusterNetworks').then(valueOf),
    cluster.read(machine, 'clusterNodes'),
  ]);
  const nodes = valueOf(listed) ?? [];
  const addresses = await addressesOf(system);
  const own = self ? ownNode(nodes, { name: await nameOf(system, plan), addresses }) : null;
  const others = peers ? nodes.filter((node) => node !== own) : [];
  const neighbours = ring === null ? plan : ring.planOf(plan, listed, addresses);
  const { withCluster } = await import('../../plan/with-cluster.ts');
  return {
    plan: withCluster(neighbours, { networks, peers: others }),
    unread: 'unread' in listed ? listed.detail : null,
    add,
  };
}

function valueOf<T>(reading: Reading<T>): T | null {
  return 'value' in reading ? reading.value : null;
}

async function nameOf(system: System, { settings: { nodeName } }: Plan): Promise<string> {
  return nodeName ?? (await system.readText('/proc/sys/kernel/hostname')).trim().toLowerCase();
}

async function addressesOf(system: System): Promise<string[]> {
  return (await system.addresses()).map(({ address }) => address);
}
