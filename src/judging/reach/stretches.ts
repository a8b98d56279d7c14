import type { Probed } from '../../evidence/probes.ts';
import type { Bulk, Reach, ReceiverSaw } from '../../evidence/reach.ts';
import { intersect, subtract, type PortRange } from '../../values/port-range.ts';
import { reachReason, type ReachVerdict } from './reach-reason.ts';
import type { Way } from './ways.ts';

/** Neighbouring ports of a way to which the same happened. */
export interface Stretch {
  readonly way: Way;
  readonly ports: PortRange;
  readonly verdict: ReachVerdict;
  readonly reach: Reach;
  /** Of the pair, where it stood still over one of these ports. */
  readonly bulk: Bulk | null;
}

export type OverPorts = Extract<Probed, { kind: 'tcp' | 'udp' }>;

/** Ports of a way of which nothing was seen, with why. */
export interface Unseen {
  readonly way: Way;
  readonly ports: PortRange;
  readonly why: string;
}

/** What became of every port of a way, in as few stretches as tell it. */
export function stretchesOf(way: Way, probed: readonly OverPorts[]): (Stretch | Unseen)[] {
  const pieces: Stretch[] = [];
  const unseen: Unseen[] = [];
  const seen: PortRange[] = [];
  for (const { request, reading } of probed) {
    const asked = intersect(request.ports, way.reach.ports);
    if (asked === null) continue;
    if ('unread' in reading) {
      seen.push(asked);
      // The machine that is at fault has a finding of its own.
      if (reading.unread === 'undecided') unseen.push({ way, ports: asked, why: reading.detail });
      continue;
    }
    for (const reach of reading.value.reaches) {
      const ports = intersect(reach.ports, asked);
      if (ports === null) continue;
      seen.push(ports);
      const verdict = reachReason(reach, { protocol: way.reach.protocol, to: way.to });
      pieces.push(...withBulk({ way, ports, verdict, reach, bulk: null }, reading.value.bulk));
    }
  }
  const left = subtract(way.reach.ports, seen);
  return [
    ...merged(pieces),
    ...unseen,
    ...left.map((ports) => ({ way, ports, why: 'no packets were sent there before the run ended' })),
  ];
}

/** The port over which 200 kB stood still is no longer open. */
function withBulk(stretch: Stretch, bulk: Bulk | null): Stretch[] {
  const { ports, verdict } = stretch;
  const own = bulk === null ? null : intersect(ports, { first: bulk.port, last: bulk.port });
  if (bulk === null || own === null || !bulk.stalled || verdict.proof !== 'nonce') return [stretch];
  return [
    ...subtract(ports, [own]).map((rest) => ({ ...stretch, ports: rest })),
    { ...stretch, ports: own, verdict: { ...verdict, reason: 'stalled' }, bulk },
  ];
}

/** Neighbours with one reason become one, by whom the port is held and why. */
function merged(pieces: readonly Stretch[]): Stretch[] {
  const out: Stretch[] = [];
  for (const piece of [...pieces].sort((a, b) => a.ports.first - b.ports.first)) {
    const before = out.at(-1);
    if (before !== undefined && piece.ports.first === before.ports.last + 1 && isSameStory(before, piece)) {
      const ports = { first: before.ports.first, last: piece.ports.last };
      out[out.length - 1] = { ...before, ports, reach: together(before.reach, piece.reach) };
    } else out.push(piece);
  }
  return out;
}

function isSameStory(a: Stretch, b: Stretch): boolean {
  return storyKey(a.verdict, a.reach) === storyKey(b.verdict, b.reach);
}

/** Errors that tell the same differ from port to port: a router may send no more than a few of them in a second. */
function storyKey({ reason, proof, why }: ReachVerdict, { receiver, sender }: Reach): string {
  const told = reason === 'rejected' || reason === 'blocked-locally' ? null : why;
  const source = reason === 'source-rewritten' ? receiver?.source : null;
  return JSON.stringify([reason, proof, told, receiver?.listener, receiver?.detail, sender.answeredBy, source]);
}

/** Not all ports of a range are looked at a second time; where those that were differ it is not known for the range. */
function samePlace({ lostAt }: ReceiverSaw, other: ReceiverSaw | null): ReceiverSaw['lostAt'] {
  const there = other?.lostAt ?? null;
  if (lostAt === null || there === null) return lostAt ?? there;
  return lostAt === there ? lostAt : 'unknown';
}

/** The slowest of the two, and the quickest answer. */
function together(a: Reach, b: Reach): Reach {
  const round = [a.sender.rttMs, b.sender.rttMs].filter((ms) => ms !== null);
  return {
    ...a,
    ports: { first: a.ports.first, last: b.ports.last },
    attempts: Math.max(a.attempts, b.attempts),
    receiver: a.receiver === null ? null : { ...a.receiver, lostAt: samePlace(a.receiver, b.receiver) },
    sender: {
      ...a.sender,
      waitedMs: Math.max(a.sender.waitedMs, b.sender.waitedMs),
      rttMs: round.length === 0 ? null : Math.min(...round),
    },
  };
}
