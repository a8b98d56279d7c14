import type { Remedy } from '../../engine/check.ts';
import type { ReceiverSaw } from '../../evidence/reach.ts';
import { shellQuote } from '../../values/shell.ts';
import { openingRemedy, type PacketFilter } from './firewall-remedy.ts';
import type { FaultReason } from './reach-reasons.ts';
import type { Stretch } from './stretches.ts';

type FilterOf = (node: string) => PacketFilter;

/** What to do about packets that do not get through: on which machine to look, and for what. */
export function reachRemedy(reason: FaultReason, stretch: Stretch, filterOf: FilterOf): Remedy {
  return REMEDIES[reason](stretch, filterOf);
}

const rules = ['nft list ruleset'];
const route = ({ way }: Stretch) => `ip route get ${shellQuote(way.address)}`;
const neighbour = ({ way }: Stretch) => `ip neigh show to ${shellQuote(way.address)}`;

/** The receiver has to let it in, unless it never came that far. */
function letIn({ way: { to, family, reach: needed }, ports, reach }: Stretch, filterOf: FilterOf): Remedy {
  // The counters of the receiver are a hint, and no proof.
  const { lostAt } = reach.receiver ?? { lostAt: null };
  const cameIn = lostAt === 'before-peer' ? false : lostAt === 'peer-input' ? true : null;
  return openingRemedy({ machine: to, filter: filterOf(to), protocol: needed.protocol, ports, family, cameIn });
}

function letAnswersThrough(from: string, to: string, lostAt: ReceiverSaw['lostAt']): string {
  if (lostAt === 'peer-output') return `On ${to} let answers out: its own counters show that it held them back.`;
  return lostAt === 'after-peer'
    ? `The answer left ${to}: on ${from} let answers in (ct state established,related), then look between the two nodes.`
    : `Let answers through (ct state established,related): look at the rules for what leaves ${to} and for what enters ${from}, then between the two.`;
}

const REMEDIES: Readonly<Record<FaultReason, (stretch: Stretch, filterOf: FilterOf) => Remedy>> = {
  rejected: letIn,
  'request-lost': letIn,
  'reply-lost': ({ way: { from, to }, reach: { receiver } }) => ({
    text: letAnswersThrough(from, to, receiver?.lostAt ?? null),
    commands: rules,
  }),
  lost: ({ way: { to } }) => ({
    text: `Look at the rules for what enters ${to} and for what leaves it, then between the two nodes.`,
    commands: rules,
  }),
  'half-open': (stretch) => ({
    text: `Look for a stateful firewall that sees only one direction: the way from ${stretch.way.from} to ${stretch.way.to} and the way back have to be the same.`,
    commands: [route(stretch)],
  }),
  'source-rewritten': ({ way: { from, to } }) => ({
    text: `Between nodes no address may be rewritten: look for masquerading on ${from}, on ${to} and on routers between them, and except the networks of the nodes from it.`,
    commands: rules,
  }),
  'wrong-host': (stretch) => ({
    text: `Find out who has ${stretch.way.address}: another machine with the same address, or a rule that sends ${stretch.way.reach.protocol}/${stretch.ports.first} elsewhere.`,
    commands: [neighbour(stretch)],
  }),
  stalled: (stretch) => ({
    text: `Set one MTU along the whole way from ${stretch.way.from} to ${stretch.way.to}, or let ICMP “fragmentation needed” and “packet too big” through; network/mtu measures how much gets through.`,
    commands: [route(stretch)],
  }),
  lossy: ({ way: { from, to } }) => ({
    text: `Look for drops and errors on the interfaces of ${from} and ${to} and on what connects them, and for rules that limit rates.`,
    commands: ['ip -s link'],
  }),
  'encapsulation-lost': ({ way: { from, to } }) => ({
    text: `Something between ${from} and ${to} drops encapsulated packets: the hypervisor’s own overlay on that port, or a filter of the provider. Have it let them through, or give the network add-on another port or mode.`,
  }),
  'blocked-locally': (stretch) => ({
    text: `On ${stretch.way.from} look at the route to ${stretch.way.address} and at the rules for what goes out.`,
    commands: [route(stretch), ...rules],
  }),
  'no-neighbour': (stretch) => ({
    text: `On ${stretch.way.from} see by which interface and next hop ${stretch.way.address} is reached, and whether ${stretch.way.to} is up on the same link with that address.`,
    commands: [route(stretch), neighbour(stretch)],
  }),
};
