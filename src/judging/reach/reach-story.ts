import type { Bulk, Counted, Reach, ReceiverSaw, SenderSaw } from '../../evidence/reach.ts';
import type { ProbeEvidence } from '../../report/schema.ts';
import { formatPortRange, type PortRange } from '../../values/port-range.ts';
import type { ReachVerdict } from './reach-reason.ts';
import type { ReachReason } from './reach-reasons.ts';
import { roundedTimes } from './rounded-times.ts';

/** Packets from one end to another, and what they came to. The ends are named as a reader knows them. */
export interface Happening {
  readonly way: {
    readonly from: string;
    readonly to: string;
    readonly address: string;
    readonly family: 4 | 6;
    readonly second: boolean;
    readonly reach: { readonly protocol: 'tcp' | 'udp'; readonly purpose: string; readonly why: string };
  };
  readonly ports: PortRange;
  readonly verdict: ReachVerdict;
  readonly reach: Reach;
  readonly bulk: Bulk | null;
}

export interface Story {
  readonly subject: string;
  readonly message: string;
  readonly why: string;
  readonly expected: string;
  readonly actual: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly probe: ProbeEvidence;
}

/** What a finding about packets says. `elsewhere` are other nodes that reach the same ports. */
export function storyOf(stretch: Happening, elsewhere: readonly string[]): Story {
  const { way, verdict, reach, bulk } = stretch;
  const { receiver, attempts } = reach;
  const sender = roundedTimes(reach.sender);
  const cue =
    elsewhere.length === 0
      ? ''
      : ` From ${elsewhere.join(' and ')} ${stretch.ports.first === stretch.ports.last ? 'the same port is' : 'the same ports are'} open.`;
  return {
    subject: subjectOf(way, stretch.ports),
    message: `${messageOf(stretch)}${cue}`,
    why: verdict.reason === 'source-rewritten' ? WHY_NO_NAT : way.reach.why,
    expected: `${way.reach.purpose}: ${way.from} reaches ${way.to}`,
    actual: `${way.from}: ${senderWords(sender)}; ${way.to}: ${receiver === null ? 'not known' : receiverWords(receiver)}`,
    evidence: {
      sender,
      receiver,
      lostAt: receiver?.lostAt ?? null,
      ...(bulk === null ? {} : { bulk: { ...bulk, ms: Math.round(bulk.ms) } }),
      ...(elsewhere.length === 0 ? {} : { openFrom: elsewhere }),
    },
    probe: {
      from: { node: way.from, address: sender.address, pod: null },
      to: {
        node: way.to,
        address: way.address,
        protocol: way.reach.protocol,
        port: formatPortRange(stretch.ports),
        pod: null,
      },
      purpose: way.reach.purpose,
      attempts,
      proof: verdict.proof,
      sender: {
        outcome: sender.outcome,
        errno: sender.errno,
        waitedMs: sender.waitedMs,
        rttMs: sender.rttMs,
      },
      receiver: {
        listener: receiver?.listener ?? 'not known',
        arrived: receiver?.arrived ?? null,
        answered: receiver?.answered ?? null,
        source: receiver?.source ?? null,
      },
    },
  };
}

/** It gets through, and is not what it was. */
const WHY_NO_NAT =
  'Peers and components then see the address of another node: serving certificates of kubelets, members of etcd and NetworkPolicies go by it, and pod traffic must not be rewritten.';

/** `tcp/6443`; what goes over a second family of addresses says so. */
export function subjectOf({ reach, second, family }: Happening['way'], ports: PortRange): string {
  return `${reach.protocol}/${formatPortRange(ports)}${second ? ` over IPv${family}` : ''}`;
}

/** What a message is made of. */
interface Told {
  readonly from: string;
  readonly to: string;
  readonly address: string;
  /** `tcp/6443` */
  readonly port: string;
  /** Without a full stop; empty when there is nothing to say. */
  readonly why: string;
  readonly stretch: Happening;
}

function messageOf(stretch: Happening): string {
  const { way, ports, verdict } = stretch;
  const { from, to, address } = way;
  const port = `${way.reach.protocol}/${formatPortRange(ports)}`;
  return MESSAGES[verdict.reason]({ from, to, address, port, why: (verdict.why ?? '').replace(/\.$/, ''), stretch });
}

const notDecided = ({ from, to, port, why }: Told) =>
  `Whether ${from} reaches ${port} of ${to} could not be decided: ${why}.`;

const MESSAGES: Readonly<Record<ReachReason, (told: Told) => string>> = {
  open: ({ from, to, why, stretch }) =>
    stretch.verdict.proof === 'nonce'
      ? `${from} reaches ${to}, and the answer comes back.`
      : `${from} reaches ${to}: ${why === '' ? 'whoever holds the port there' : why} takes the connection.`,
  'no-listener': ({ from, to, port, why }) =>
    `Nothing listens on ${port} of ${to}, and on a node that has joined no listener is put there: whether ${from} gets through is not known${inBrackets(why)}.`,
  'service-owned': ({ to, why }) =>
    `Rules on ${to} send it to a Service${inBrackets(why)}: a listener there would see nothing.`,
  'kernel-owned': ({ to, port, why }) =>
    `${why === '' ? 'A device of the kernel' : why} holds ${port} of ${to} and answers nobody; pods/cross-node is the proof.`,
  rejected: ({ from, why, stretch }) =>
    `A firewall or a router refuses it: ${from} was told ${why}, and nothing reached ${listenerOf(stretch)}.`,
  'request-lost': requestLost,
  'reply-lost': replyLost,
  lost: ({ from, to, why }) => `Lost between ${from} and ${to}; in which direction is not known: ${why}.`,
  'half-open': ({ from, to }) => `${from} connects, and ${to} waits in vain for the third packet of the handshake.`,
  'source-rewritten': ({ to, stretch: { reach } }) =>
    `It reached ${to} from ${reach.receiver?.source ?? 'another address'} and not from ${reach.sender.address ?? 'the address of the sender'}: there is NAT in between.`,
  'wrong-host': ({ to, address, why }) =>
    why === '' ? `Somebody else than ${to} answered at ${address}.` : `${why} answered at ${address}, and not ${to}.`,
  stalled: ({ from, to, stretch: { bulk } }) =>
    `${from} connects, and of ${bulk?.bytes ?? 0} bytes ${bulk?.arrived ?? 0} reached ${to} and ${bulk?.returned ?? 0} came back: larger packets are lost without a word.`,
  lossy: ({ from, to, why }) => `Datagrams from ${from} get through to ${to} in part: ${why}.`,
  'encapsulation-lost': ({ to, stretch: { way } }) =>
    `Plain datagrams reach ${to}; those of the same size that look like ${way.reach.purpose} do not.`,
  'blocked-locally': ({ from, why }) =>
    why === 'silence'
      ? `${from} does not let it out: its own counters show packets that never left.`
      : `${from} does not let it out itself (${why}).`,
  'no-neighbour': ({ from, address }) =>
    `The next hop from ${from} to ${address} does not answer ARP or neighbour discovery.`,
  'listener-unavailable': ({ from, to, port, why }) => `Whether ${from} reaches ${port} of ${to} is not known: ${why}.`,
  'peer-unreachable': notDecided,
  undecided: notDecided,
};

/** The counters of the receiver say where, as far as they can be trusted: on the way, or at the receiver itself. */
function requestLost({ from, to, stretch }: Told): string {
  const { sender, receiver } = stretch.reach;
  if (receiver?.lostAt === 'peer-input')
    return `Lost on ${to} itself: by its counters it came in from ${from}, and never reached ${listenerOf(stretch)}.`;
  const whom = receiver?.lostAt === 'before-peer' ? `${to}, by the counters there` : listenerOf(stretch);
  return sender.heldBack === 0
    ? `Lost on the way to ${to}: it left ${from} and never reached ${whom}.`
    : `Lost on the way to ${to}: nothing from ${from} reached ${whom}.`;
}

function replyLost({ from, to, stretch }: Told): string {
  const lostAt = stretch.reach.receiver?.lostAt;
  if (lostAt === 'peer-output') return `It reached ${to}, and by the counters there the answer never left ${to}.`;
  return lostAt === 'after-peer'
    ? `It reached ${to}; the answer left ${to} and was lost on the way back to ${from}.`
    : `It reached ${to}, and the answer was lost on the way back to ${from}.`;
}

function inBrackets(why: string): string {
  return why === '' ? '' : ` (${why})`;
}

/** Whom it should have reached. */
function listenerOf({ way: { to }, reach: { receiver } }: Happening): string {
  return receiver?.listener === 'ours'
    ? `${to}’s listener`
    : `${receiver?.detail ?? 'whoever holds the port'} on ${to}`;
}

function senderWords(saw: SenderSaw): string {
  const { outcome, errno, waitedMs, rttMs, sent, answers } = saw;
  if (sent === 0 && outcome === 'silence') return 'nothing sent';
  if (answers !== null) return `${counted(answers)} answered`;
  if (outcome === 'answered') return rttMs === null ? 'answered' : `answered in ${rttMs.toFixed(1)} ms`;
  if (outcome === 'accepted') return 'connected';
  return outcome === 'silence' ? `${sent} sent, silence for ${(waitedMs / 1000).toFixed(1)} s` : (errno ?? outcome);
}

function receiverWords({ listener, detail, arrived, answered, requests, halfOpen }: ReceiverSaw): string {
  const half = halfOpen === 0 ? '' : `, ${halfOpen} half-open`;
  if (listener === 'ours')
    return `listening, ${requests === null ? arrived : counted(requests)} arrived, ${answered} answered${half}`;
  return `${HELD[listener]}${inBrackets(detail ?? '')}${half}`;
}

const HELD = {
  owner: 'held by a process',
  kernel: 'held by the kernel',
  service: 'sent to a Service',
  none: 'nothing listens',
  unavailable: 'could not be opened',
} as const;

function counted({ came, sent }: Counted): string {
  return `${came} of ${sent}`;
}
