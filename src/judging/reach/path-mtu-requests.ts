import type { Node } from '../../engine/node.ts';
import type { PathMtuRequest } from '../../evidence/probes.ts';
import { addOns } from '../../kubernetes/add-ons.ts';
import { neededPairs } from '../../kubernetes/reach.ts';
import type { Settings } from '../../plan/settings.ts';
import type { Family } from '../../values/ip.ts';
import { interfaceTowards, type MtuNode } from './pod-packets.ts';
import { opensNodePorts } from './opened-node-ports.ts';
import { isSampled, neighbours, RING_NEIGHBOURS } from './ring.ts';
import { addressesBetween } from './ways.ts';

/** What a packet of either family fits in at least, and the most that its length can say: RFC 791, section 3.1. */
const LEAST_CEILING = 576;
const MOST_CEILING = 65_535;

/** How large packets between nodes may be: what to measure, of those that need each other. */
export function pathMtuRequests(nodes: readonly MtuNode[], plan: Settings): PathMtuRequest[] {
  return pairsOf(nodes, plan).flatMap(([from, to]) => requestsOf(from, to, plan));
}

/** The directed pairs that need each other; of a large mesh those on a ring. */
function pairsOf(nodes: readonly MtuNode[], plan: Settings): (readonly [MtuNode, MtuNode])[] {
  const byName = new Map(nodes.map((each) => [each.node.name, each]));
  const names = [...byName.keys()];
  const all = nodes.map(({ node }) => node);
  const needed = neededPairs(all, plan);
  const near = Map.groupBy(needed, ({ from }) => from.name);
  return [...near].flatMap(([name, pairs]) => {
    const chosen = isSampled(all) ? neighbours(names, name, RING_NEIGHBOURS) : names;
    const from = byName.get(name);
    return pairs.flatMap(({ to }) => {
      const other = byName.get(to.name);
      return from === undefined || other === undefined || !chosen.includes(to.name) ? [] : [[from, other] as const];
    });
  });
}

/** One for each family over which the two meet. */
function requestsOf(from: MtuNode, to: MtuNode, plan: Settings): PathMtuRequest[] {
  return addressesBetween(from.node, to.node, plan).flatMap(({ address, family }) => {
    const uplink = interfaceTowards(address, from.facts);
    if (uplink === null || uplink.mtu < LEAST_CEILING) return [];
    const ceiling = Math.min(uplink.mtu, MOST_CEILING);
    const ports = portsOf(to.node, family, plan);
    return [{ kind: 'path-mtu', from: from.node.name, to: to.node.name, address, ports, ceiling }];
  });
}

/** Where a peer may listen: the add-on’s own ports, as far as no kernel device holds them, and three of the NodePorts. */
function portsOf(node: Node, family: Family, plan: Settings): number[] {
  const { first, last } = plan.nodePortRange;
  const nodePorts = [first, Math.floor((first + last) / 2), last];
  if (node.stage === 'joined') return opensNodePorts(node, plan) ? [...new Set(nodePorts)] : [];
  const overlay = (plan.cni === null ? [] : (addOns[plan.cni]?.ports ?? []))
    .filter(({ protocol, bind }) => protocol === 'udp' && bind === 'all')
    .filter((each) => each.family === undefined || each.family === family)
    .map(({ port }) => port);
  return [...new Set([...overlay, ...nodePorts])];
}
