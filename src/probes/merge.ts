import type { Counted, SenderSaw } from '../evidence/reach.ts';
import type { PortRange } from '../values/port-range.ts';
import type { Seen } from './ends.ts';

export interface Stretch<T> {
  readonly ports: PortRange;
  readonly value: T;
}

/** Neighbours that are alike share one range. `each` comes in ascending order of ports. */
export function mergeNeighbours<T>(
  each: Iterable<readonly [port: number, value: T]>,
  alike: (one: T, other: T) => boolean,
  join: (one: T, other: T) => T = (one) => one,
): Stretch<T>[] {
  const out: { ports: { first: number; last: number }; value: T }[] = [];
  for (const [port, value] of each) {
    const before = out.at(-1);
    if (before !== undefined && before.ports.last + 1 === port && alike(before.value, value)) {
      before.ports.last = port;
      before.value = join(before.value, value);
    } else {
      out.push({ ports: { first: port, last: port }, value });
    }
  }
  return out;
}

/** What a sender saw of each port, with the slowest wait and the quickest round trip of those that saw the same. */
export function mergeSeen(each: Iterable<readonly [port: number, saw: SenderSaw]>): Seen[] {
  return mergeNeighbours(each, sawTheSame, slowestAndQuickest).map(({ ports, value }) => ({ ports, saw: value }));
}

function sawTheSame(one: SenderSaw, other: SenderSaw): boolean {
  return (
    one.outcome === other.outcome &&
    one.errno === other.errno &&
    one.sent === other.sent &&
    one.address === other.address &&
    one.atOnce === other.atOnce &&
    one.answeredBy === other.answeredBy &&
    one.spoken === other.spoken &&
    one.heldBack === other.heldBack &&
    one.neighbour === other.neighbour &&
    countedTheSame(one.answers, other.answers) &&
    countedTheSame(one.dressed, other.dressed) &&
    countedTheSame(one.likeDressed, other.likeDressed)
  );
}

export function countedTheSame(one: Counted | null, other: Counted | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.sent === other.sent &&
    one.came === other.came &&
    one.duplicates === other.duplicates &&
    one.reordered === other.reordered
  );
}

export function slowestAndQuickest(one: SenderSaw, other: SenderSaw): SenderSaw {
  const waitedMs = Math.max(one.waitedMs, other.waitedMs);
  const rttMs =
    one.rttMs === null || other.rttMs === null ? (one.rttMs ?? other.rttMs) : Math.min(one.rttMs, other.rttMs);
  return waitedMs === one.waitedMs && rttMs === one.rttMs ? one : { ...one, waitedMs, rttMs };
}
