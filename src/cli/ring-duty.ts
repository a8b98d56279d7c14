import { accessOf } from '../cluster/connect.ts';
import { clusterClient } from '../cluster/client.ts';
import { listNodes, type ClusterNode } from '../cluster/nodes.ts';
import { neighbours, RING_NEIGHBOURS } from '../judging/ring.ts';
import { peerNames } from '../plan/peer-name.ts';
import type { PeerName, Plan } from '../plan/settings.ts';
import type { Neighbourhood } from '../serve/neighbourhood.ts';
import { liveSystem } from '../system/live.ts';
import { SystemError } from '../system/system.ts';
import { canonicalIp } from '../values/ip.ts';
import { UsageError } from './usage-error.ts';

/** What this node does for a cluster whose nodes check each other, each the next ones on a ring. */
export interface RingDuty {
  /** The plan of the next run: its peers are the neighbours, by what the API tells now, or told last. Never rejects. */
  planNow(signal: AbortSignal): Promise<Plan>;
  /** Hears of every run that another node began with this one: by which addresses that is known. */
  readonly met: (addresses: readonly string[]) => void;
  now(): Neighbourhood;
  close(): void;
}

/** After so long without a check a node is not told of any more. Milliseconds. */
const FORGOTTEN_MS = 3_600_000;
/** Of those who hold the token; a cluster has no more neighbours on its ring, whoever else checks by hand. */
const MOST_CHECKERS = 256;

interface Checker {
  readonly addresses: readonly string[];
  readonly at: number;
}

/** @param kubeconfig As the user said it. Throws a UsageError. */
export async function ringDuty(plan: Plan, kubeconfig: string): Promise<RingDuty> {
  const { timeout, nodeName, redact } = plan.settings;
  // The service account of a pod is a file of its container.
  const system = liveSystem();
  const access = await accessOf(system, kubeconfig).catch((error: unknown) => {
    throw error instanceof SystemError ? new UsageError(`--kubeconfig: ${error.message}.`) : error;
  });
  const client = clusterClient({ system, access, timeoutMs: timeout });
  const checkers = new Map<string, Checker>();
  let nodes: readonly ClusterNode[] | null = null;
  let readAt = performance.now();
  let unread: string | null = null;
  let peers: readonly PeerName[] = [];

  const read = async (signal: AbortSignal) => {
    try {
      nodes = (await listNodes(client, signal)).filter(({ deleting }) => !deleting);
      readAt = performance.now();
      unread = null;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      unread = redact ? 'they could not be read' : error.message;
    }
  };
  return {
    planNow: async (signal) => {
      const [addresses] = await Promise.all([system.addresses(), read(signal)]);
      peers = neighboursOf(nodes ?? [], { nodeName, addresses: addresses.map(({ address }) => address) });
      return {
        settings: { ...plan.settings, peers },
        origins: { ...plan.origins, peers: 'cluster' },
      };
    },
    met: (addresses) => {
      const [first] = addresses;
      if (first === undefined) return;
      checkers.delete(first);
      const [oldest] = checkers.keys();
      if (checkers.size >= MOST_CHECKERS && oldest !== undefined) checkers.delete(oldest);
      checkers.set(first, { addresses, at: performance.now() });
    },
    now: () => ({
      nodes: nodes?.length ?? null,
      neighbours: peers.length,
      age: performance.now() - readAt,
      unread,
      checkedBy: agesOf([...checkers.values()], nodes ?? []).map(({ node, age }, index) => ({
        node: redact ? `neighbour-${index + 1}` : node,
        age,
      })),
    }),
    close: () => client.close(),
  };
}

/** Peers tell their roles themselves: a label may have been forgotten. */
function neighboursOf(
  nodes: readonly ClusterNode[],
  own: { readonly nodeName: string | null; readonly addresses: readonly string[] },
): readonly PeerName[] {
  const isOwn = ({ name, internalIps }: ClusterNode) => name === own.nodeName || hasAny(internalIps, own.addresses);
  const self = nodes.find(isOwn)?.name ?? own.nodeName ?? '';
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const chosen = neighbours([...byName.keys()], self, RING_NEIGHBOURS);
  return peerNames(chosen.flatMap((name) => byName.get(name)?.internalIps[0] ?? []).map(bracketed));
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** The nodes among those who checked this one, the last one first. */
function agesOf(checkers: readonly Checker[], nodes: readonly ClusterNode[]) {
  const now = performance.now();
  const recent = checkers.toSorted((a, b) => b.at - a.at).filter(({ at }) => now - at < FORGOTTEN_MS);
  const named = recent.flatMap(({ addresses, at }) => {
    const node = nodes.find(({ internalIps }) => hasAny(internalIps, addresses));
    return node === undefined ? [] : [{ node: node.name, age: now - at }];
  });
  return named.filter(({ node }, index) => named.findIndex((each) => each.node === node) === index);
}

function hasAny(some: readonly string[], others: readonly string[]): boolean {
  return some.some((each) => others.some((other) => canonicalIp(each) === canonicalIp(other)));
}
