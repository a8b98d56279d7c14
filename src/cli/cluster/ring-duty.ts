import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { neighbours, RING_NEIGHBOURS } from '../../judging/reach/ring.ts';
import { peerNames } from '../../plan/peer-name.ts';
import type { PeerName, Plan } from '../../plan/settings.ts';
import type { Neighbourhood } from '../../serve/neighbourhood.ts';
import { canonicalIp } from '../../values/ip.ts';

/** What this node does for a cluster whose nodes check each other, each the next ones on a ring. */
export interface RingDuty {
  /** The plan of a run: its peers are the neighbours, by what the API told for it, else by what it told last. @param addresses Of this machine. */
  planOf(plan: Plan, told: Reading<Facts['clusterNodes']>, addresses: readonly string[]): Plan;
  /** Hears of every run that another node began with this one: by which addresses that is known. */
  readonly met: (addresses: readonly string[]) => void;
  now(): Neighbourhood;
}

/** After so long without a check a node is not told of any more. Milliseconds. */
const FORGOTTEN_MS = 3_600_000;
/** Of those who hold the token; a cluster has no more neighbours on its ring, whoever else checks by hand. */
const MOST_CHECKERS = 256;

type ClusterNode = NonNullable<Facts['clusterNodes']>[number];

interface Checker {
  readonly addresses: readonly string[];
  readonly at: number;
}

export function ringDuty({ settings: { redact } }: Plan): RingDuty {
  const checkers = new Map<string, Checker>();
  let nodes: readonly ClusterNode[] | null = null;
  let readAt = performance.now();
  let unread: string | null = null;
  let peers: readonly PeerName[] = [];

  const hear = (told: Reading<Facts['clusterNodes']>) => {
    if ('unread' in told) {
      unread = redact ? 'they could not be read' : told.detail;
      return;
    }
    nodes = (told.value ?? []).filter(({ deleting }) => !deleting);
    readAt = performance.now();
    unread = null;
  };
  return {
    planOf: (plan, told, addresses) => {
      hear(told);
      peers = neighboursOf(nodes ?? [], { nodeName: plan.settings.nodeName, addresses });
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
