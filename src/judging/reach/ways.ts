import type { ProbeRequest } from '../../evidence/probes.ts';
import type { Node } from '../../engine/node.ts';
import { neededPairs, reaches, type NeededReach } from '../../kubernetes/reach.ts';
import type { Settings } from '../../plan/settings.ts';
import { parseCidr } from '../../values/cidr.ts';
import { isWildcard, parseIp, type Family } from '../../values/ip.ts';
import { portsOf, toRanges } from '../../values/port-range.ts';

/** Ports of one node that another one must reach, at one address of it. */
export interface Way {
  readonly from: string;
  readonly to: string;
  readonly address: string;
  readonly family: Family;
  /** The pair is tried over another family too, and this is the second. */
  readonly second: boolean;
  readonly reach: NeededReach;
}

export interface Ways {
  readonly ways: readonly Way[];
  /** Pairs that need ports of each other and have no address of one family. */
  readonly apart: readonly { readonly from: string; readonly to: string }[];
  /** Pairs that are tried over one family of addresses, where the pods of the cluster use another one too. */
  readonly lacking: readonly Lacking[];
}

export interface Lacking {
  readonly from: string;
  readonly to: string;
  readonly family: Family;
  /** Those of the two that have no address of this family. */
  readonly without: readonly string[];
}

/** The ways between nodes that `wants` has use for; a pair of which it wants nothing is not looked at. */
export function waysBetween(
  nodes: readonly Node[],
  plan: Settings,
  wants: (reach: NeededReach, from: Node, to: Node) => boolean,
): Ways {
  const ways: Way[] = [];
  const apart: { from: string; to: string }[] = [];
  const lacking: Lacking[] = [];
  const used = familiesOf(plan);
  for (const { from, to } of neededPairs(nodes, plan)) {
    const wanted = reaches(from, to, plan).filter((reach) => wants(reach, from, to));
    if (wanted.length === 0) continue;
    const pair = { from: from.name, to: to.name };
    const addresses = addressesBetween(from, to, plan);
    if (addresses.length === 0) apart.push(pair);
    else {
      const left = used.filter((family) => addresses.every((each) => each.family !== family));
      const needed = left.filter((family) => wanted.some((reach) => reach.family === null || reach.family === family));
      // Where none of its families is there, what is tried is no part of them.
      if (left.length < used.length)
        lacking.push(...needed.map((family) => ({ ...pair, family, without: namesWithout(family, from, to) })));
    }
    for (const [index, { address, family }] of addresses.entries()) {
      const own = wanted.filter((reach) => reach.family === null || reach.family === family);
      ways.push(...own.map((reach) => ({ ...pair, address, family, second: index > 0, reach })));
    }
  }
  return { ways, apart, lacking };
}

/**
 * Addresses of `to`, one for each family that both have and the pods of the cluster use. Where nobody told the networks of the pods, or the nodes do not
 * have their families, the first that both have is what the control plane speaks over.
 */
export function addressesBetween(
  from: Pick<Node, 'addresses'>,
  to: Pick<Node, 'addresses'>,
  { podCidr }: Pick<Settings, 'podCidr'>,
): { address: string; family: Family }[] {
  const own = new Set(from.addresses.map(familyOf));
  const shared = to.addresses.flatMap((address) => {
    const family = familyOf(address);
    return family === null || !own.has(family) ? [] : [{ address, family }];
  });
  const first = ([4, 6] as const).flatMap((family) => shared.find((each) => each.family === family) ?? []);
  const used = familiesOf({ podCidr });
  const wanted = first.filter(({ family }) => used.includes(family));
  return wanted.length > 0 ? wanted : shared.slice(0, 1);
}

/** Of the networks of the pods. */
function familiesOf({ podCidr }: Pick<Settings, 'podCidr'>): Family[] {
  return [...new Set(podCidr.flatMap((cidr) => parseCidr(cidr)?.family ?? []))];
}

function namesWithout(family: Family, ...nodes: readonly Node[]): string[] {
  return nodes.filter(({ addresses }) => addresses.every((each) => familyOf(each) !== family)).map(({ name }) => name);
}

function familyOf(address: string): Family | null {
  const ip = parseIp(address);
  return ip === null || isWildcard(ip) ? null : ip.family;
}

/**
 * The packets that try the ways: neighbouring ports in one request, 200 kB on the first over TCP of each pair that `carries` them.
 * @param count Datagrams to each UDP port.
 */
export function requestsFor(
  ways: readonly Way[],
  count: number,
  carries: (way: Way) => boolean = () => true,
): ProbeRequest[] {
  const carried = new Set<string>();
  const groups = Map.groupBy(ways, ({ from, to, address, reach: { protocol, encapsulation } }) =>
    JSON.stringify([from, to, address, protocol, encapsulation]),
  );
  return [...groups.values()].flatMap((group) => {
    const [way] = group;
    if (way === undefined) return [];
    const { from, to, address, reach } = way;
    return toRanges(portsOf(group.map(({ reach: { ports } }) => ports))).map((ports): ProbeRequest => {
      if (reach.protocol === 'udp') return { kind: 'udp', from, to, address, ports, count, dress: reach.encapsulation };
      const pair = JSON.stringify([from, to]);
      const bulk = !carried.has(pair) && carries(way);
      carried.add(pair);
      return { kind: 'tcp', from, to, address, ports, bulk };
    });
  });
}
