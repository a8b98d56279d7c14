import type { PairDraft } from '../../engine/check.ts';
import type { Probed } from '../../evidence/probes.ts';
import type { PacketFilter } from './firewall-remedy.ts';
import { isFault, REACH_REASONS } from './reach-reasons.ts';
import { reachRemedy } from './reach-remedy.ts';
import { storyOf, subjectOf } from './reach-story.ts';
import { stretchesOf, type OverPorts, type Stretch, type Unseen } from './stretches.ts';
import type { Lacking, Ways } from './ways.ts';

export type ReachDraft = PairDraft<typeof REACH_REASONS>;

/** One finding for each way and maximal range of ports with one reason, in the order of the ways. */
export function reachFindings(
  { ways, apart, lacking }: Ways,
  probed: readonly Probed[],
  filterOf: (node: string) => PacketFilter,
): ReachDraft[] {
  const index = Map.groupBy(probed.filter(isOverPorts), ({ kind, request }) =>
    keyOf(kind, request.from, request.to, request.address),
  );
  const judged = ways.flatMap((way) =>
    stretchesOf(way, index.get(keyOf(way.reach.protocol, way.from, way.to, way.address)) ?? []),
  );
  const open = Map.groupBy(judged.filter(isOpen), ({ way: { to, reach } }) => keyOf(reach.protocol, '', to, ''));
  return [
    ...judged.map((each) => ('why' in each ? unseenDraft(each) : draftOf(each, open, filterOf))),
    ...apart.map(withoutAddress),
    ...lacking.map(withoutFamily),
  ];
}

function isOverPorts(probed: Probed): probed is OverPorts {
  return probed.kind === 'tcp' || probed.kind === 'udp';
}

function isOpen(each: Stretch | Unseen): each is Stretch {
  return 'verdict' in each && each.verdict.reason === 'open';
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

function draftOf(
  stretch: Stretch,
  open: ReadonlyMap<string, readonly Stretch[]>,
  filterOf: (node: string) => PacketFilter,
): ReachDraft {
  const { way, verdict } = stretch;
  const { reason } = verdict;
  const base = {
    nodes: [way.from, way.to],
    ...(way.reach.onlyFor === null ? {} : { onlyFor: way.reach.onlyFor }),
  };
  if (isFault(reason)) {
    const others = open.get(keyOf(way.reach.protocol, '', way.to, '')) ?? [];
    const story = storyOf(stretch, openFrom(stretch, others));
    return { ...base, ...story, reason, remedy: reachRemedy(reason, stretch, filterOf) };
  }
  const { subject, message, why, expected, actual, evidence, probe } = storyOf(stretch, []);
  if (REACH_REASONS[reason] === 'unknown')
    return { ...base, subject, message, why, expected, actual, evidence, probe, reason };
  return { ...base, subject, message, ...lossEvidence(stretch), probe, reason };
}

/** Other nodes that reach all of these ports of the same node: what drops it tells senders apart. */
function openFrom({ way, ports }: Stretch, others: readonly Stretch[]): string[] {
  const names = others
    .filter((each) => each.way.from !== way.from && each.way.address === way.address)
    .filter((each) => each.ports.first <= ports.first && each.ports.last >= ports.last)
    .map((each) => each.way.from);
  return [...new Set(names)].slice(0, 3);
}

/** Of what is in order only counted datagrams are worth keeping beside what `probe` says. */
function lossEvidence({ reach: { sender, receiver } }: Stretch): { evidence?: Record<string, unknown> } {
  if (sender.answers === null) return {};
  return { evidence: { requests: receiver?.requests ?? null, answers: sender.answers } };
}

function unseenDraft({ way, ports, why }: Unseen): ReachDraft {
  const subject = subjectOf(way, ports);
  return {
    nodes: [way.from, way.to],
    subject,
    reason: 'undecided',
    message: `Whether ${way.from} reaches ${way.to} could not be decided: ${clause(why)}.`,
    why: way.reach.why,
    expected: `${way.reach.purpose}: ${way.from} reaches ${way.to}`,
  };
}

function withoutAddress({ from, to }: Ways['apart'][number]): ReachDraft {
  return {
    nodes: [from, to],
    subject: 'address',
    reason: 'undecided',
    message: `No address of ${to} is known that ${from} has one of the same family to reach it from; --node-ip tells.`,
  };
}

function withoutFamily({ from, to, family, without }: Lacking): ReachDraft {
  return {
    nodes: [from, to],
    subject: `IPv${family} address`,
    reason: 'undecided',
    message: `Whether ${from} reaches ${to} over IPv${family} was not tried: ${without.join(' and ')} ${without.length === 1 ? 'has' : 'have'} no IPv${family} address that kubeadm would choose; --node-ip there tells.`,
  };
}

/** A sentence within another one. */
function clause(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
