import type { ReceiverSaw } from '../../evidence/reach.ts';
import type { Counters, Sight } from '../messages/protocol.ts';

/** Both sides' counters around a second look: two sights with nothing of ours in between, and one after it. */
export interface Counted {
  /** Null where others look at the same time: what moves then can be theirs. */
  readonly quiet: Sight | null;
  readonly before: Sight;
  readonly after: Sight;
}

/** How far a counter moved; null where the kernel does not have it, or it moved and does so by itself. One that did not move proves that nothing was counted. */
export function movedBy(
  { quiet, before, after }: Counted,
  family: 4 | 6,
  count: (counters: Counters) => number | null,
): number | null {
  const at = (sight: Sight | null) => {
    const counters = sight?.counters[family] ?? null;
    return counters === null ? null : count(counters);
  };
  const [first, second, third] = [at(quiet), at(before), at(after)];
  if (second === null || third === null) return null;
  if (third <= second) return 0;
  return first === second ? third - second : null;
}

/** Packets that this machine did not let out: counted as its own on the way out, and not handed to a device. */
export function notLetOut({ outRequests, outTransmits }: Counters): number | null {
  return outTransmits === null ? null : outRequests - outTransmits;
}

/** SYNs of pending connects that were to be repeated and could not leave: answers to others are not among them. */
export function repeatsHeldBack({ retransmitFailures }: Counters): number | null {
  return retransmitFailures;
}

/** Packets that came and were not handed on: the input chain is between the two. */
function notLetIn({ inReceives, inDelivers }: Counters): number {
  return inReceives - inDelivers;
}

/** Third packets that wait for data (TCP_DEFER_ACCEPT) stay half-open too. */
export function turnedBack({ embryonicResets, listenDrops, deferred }: Counters): number {
  return embryonicResets + listenDrops + deferred;
}

export function cookiesSent({ cookiesSent: sent }: Counters): number {
  return sent;
}

/** Where the peer loses sight of at least so many packets. */
export function lostAt(counted: Counted, family: 4 | 6, packets: number, arrived: boolean): ReceiverSaw['lostAt'] {
  if (arrived) {
    const out = movedBy(counted, family, notLetOut);
    if (out === null) return 'unknown';
    return out >= packets ? 'peer-output' : 'after-peer';
  }
  const inside = movedBy(counted, family, notLetIn);
  if (inside === null) return 'unknown';
  if (inside >= packets) return 'peer-input';
  const { before, after } = counted;
  const received = (after.counters[family]?.inReceives ?? 0) - (before.counters[family]?.inReceives ?? 0);
  return received < packets ? 'before-peer' : 'unknown';
}
