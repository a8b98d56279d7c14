import { setImmediate } from 'node:timers/promises';
import type { Pace } from './ends.ts';

/**
 * A sweep meets one socket for each datagram, and its answers one buffer of 256 or more: a few bursts in it are safe, and 2,768 ports that are silent
 * cost 0.2 s. Where loss is measured all datagrams meet the same two buffers, and each that is lost for want of pacing would be a lie.
 */
const SWEEP = { onTheWay: 64, roomMs: 2 };
const MEASURED = { onTheWay: 8, roomMs: 20 };

/** Lets so many datagrams be on the way at a time; one that is silent makes room soon. */
export interface Room<D> {
  /** Settles when there is room for one more. */
  free(): Promise<void>;
  enter(datagram: D): void;
  leave(datagram: D): void;
}

export function createRoom<D>(pace: Pace, measured: boolean): Room<D> {
  const { onTheWay, roomMs } = measured ? MEASURED : SWEEP;
  const limit = Math.min(pace.inFlight, onTheWay);
  // With the moment at which each makes room, in this order.
  const inside = new Map<D, number>();
  let wake = (): void => undefined;

  function firstEndMs(): number {
    for (const endMs of inside.values()) return endMs;
    return 0;
  }

  return {
    async free() {
      while (inside.size >= limit) {
        const { promise, resolve } = Promise.withResolvers<undefined>();
        wake = () => resolve(undefined);
        const timer = setTimeout(wake, Math.max(0, firstEndMs() - performance.now()));
        await promise;
        clearTimeout(timer);
        const now = performance.now();
        for (const [datagram, endMs] of inside) if (endMs <= now) inside.delete(datagram);
      }
    },
    enter(datagram) {
      inside.set(datagram, performance.now() + roomMs);
    },
    leave(datagram) {
      if (inside.delete(datagram)) wake();
    },
  };
}

/** Waits for `over`, or so long; then hears all that has come while this process did not look. Throws the signal's reason. */
export async function listenFor(
  ms: number,
  over: Promise<void>,
  news: () => number,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { promise: time, resolve } = Promise.withResolvers<undefined>();
  const end = () => resolve(undefined);
  const timer = setTimeout(end, Math.max(0, ms));
  signal.addEventListener('abort', end, { once: true });
  await Promise.race([over, time]);
  signal.removeEventListener('abort', end);
  clearTimeout(timer);
  signal.throwIfAborted();
  // One turn of the loop takes no more than 32 datagrams from a socket.
  for (let heard = -1; heard !== news();) {
    heard = news();
    await setImmediate();
  }
}
