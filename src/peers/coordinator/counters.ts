import type { ReceiverSaw } from '../../evidence/probes.ts';
import type { Counters, Sight } from '../protocol.ts';

/** Both sides' counters around a second look: two sights with nothing of ours in between, and one after it. */
export interface Counted {
  readonly quiet: Sight;
  readonly before: Sight;
  readonly after: Sight;
}

/** How far a counter moved, less what moves by itself; null where the kernel does not have it, or it moves by itself. */
export function movedBy(
  { quiet, before, after }: Counted,
  family: 4 | 6,
  count: (counters: Counters) => number | null,
): number | null {
  const at = (sight: Sight) => {
    const counters = sight.counters[family];
    return counters === null ? null : count(counters);
  };
  const [first, second, third] = [at(quiet), at(before), at(after)];
  if (first === null || second === null || third === null || first !== second) return null;
  return Math.max(0, third - second);
}

/** Packets that this machine did not let out: counted as its own on the way out, and not handed to a device. */
export function notLetOut({ outRequests, outTransmits }: Counters): number | null {
  return outTransmits === null ? null : outRequests - outTransmits;
}

/** Packets that came and were not handed on: the input chain is between the two. */
function notLetIn({ inReceives, inDelivers }: Counters): number {
  return inReceives - inDelivers;
}

export function turnedBack({ embryonicResets, listenDrops }: Counters): number {
  return embryonicResets + listenDrops;
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
