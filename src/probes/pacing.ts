import type { Pace } from './ends.ts';

/** Milliseconds between two looks at what is on the way. */
const LOOK_MS = 10;
/** A probe that is silent for so long makes room for the next, at least; or for so many times as long as the slowest answer took. */
const PATIENCE_MS = 20;
const PATIENCE_ANSWERS = 3;
/** But never for more than this part of the time after which silence is silence: a range that is dropped whole must not cost many times that. */
const PATIENCE_SHARE = 8;
/** What is left of the sockets at a time when they were too many; one comes back with each look. */
const SHRINK = 0.75;

/** What is to be probed. */
export interface Supply<P> {
  /** Starts a probe; null when there is none now. */
  next(): P | null;
  /** There will be none any more. */
  spent(): boolean;
  /** Time is up for this one. */
  silent(probe: P): void;
}

/** Probes on the way. */
export interface Flight<P> {
  /** It came further, and has all its time again. */
  stirred(probe: P): void;
  /** It is over: what came of it is known. */
  over(probe: P): void;
  /** How long the other side took to answer anything, in milliseconds: patience is learned from it. */
  took(ms: number): void;
  /** So many sockets were too many for this machine. */
  tooMany(): void;
  /** Settles when there is no next probe and all are over. */
  readonly landed: Promise<void>;
  /** Forgets all that is on the way, and hands it over. */
  stop(): P[];
}

/**
 * Keeps `inFlight` probes on the way that may still be answered soon. One that is silent for a while is parked until its time is up and makes
 * room, so that a range that is dropped whole costs one time-out and not one for each window, while a loaded machine is not flooded.
 */
export function startFlight<P>({ inFlight, silenceMs, sockets = Infinity }: Pace, supply: Supply<P>): Flight<P> {
  // With the moment of the last sign of life, oldest first.
  const fresh = new Map<P, number>();
  const parked = new Map<P, number>();
  const { promise: landed, resolve } = Promise.withResolvers<void>();
  let room = sockets;
  let slowestMs = 0;
  let parkedInARow = 0;
  const timer = setInterval(look, LOOK_MS);
  // Whoever asked gets the flight before the first probe of it can be over.
  queueMicrotask(fill);

  function fill(): void {
    // With a whole window silent it widens by all that were silent, until something is heard: what is dropped loads nobody.
    const window = parkedInARow < inFlight ? inFlight : inFlight + parkedInARow;
    while (fresh.size < window && fresh.size + parked.size < room) {
      const probe = supply.next();
      if (probe === null) break;
      fresh.set(probe, performance.now());
    }
    if (fresh.size + parked.size === 0 && supply.spent()) end();
  }

  function look(): void {
    const now = performance.now();
    const patience = Math.min(Math.max(PATIENCE_MS, PATIENCE_ANSWERS * slowestMs), silenceMs / PATIENCE_SHARE);
    for (const [probe, since] of fresh) {
      if (now - since < patience) break;
      fresh.delete(probe);
      parked.set(probe, since);
      parkedInARow++;
    }
    const late: [P, number][] = [];
    for (const each of parked) {
      if (now - each[1] < silenceMs) break;
      late.push(each);
    }
    // What has come meanwhile, while this process did not look, is heard first.
    if (late.length > 0) setImmediate(() => conclude(late));
    room = Math.min(sockets, room + 1);
    fill();
  }

  function conclude(late: readonly [P, number][]): void {
    for (const [probe, since] of late) if (parked.get(probe) === since) supply.silent(probe);
  }

  function end(): void {
    clearInterval(timer);
    resolve();
  }

  return {
    stirred(probe) {
      parkedInARow = 0;
      if (fresh.delete(probe) || parked.delete(probe)) fresh.set(probe, performance.now());
    },
    over(probe) {
      // One whose time is up is parked: it says nothing of those that are not.
      if (fresh.delete(probe)) parkedInARow = 0;
      else parked.delete(probe);
      fill();
    },
    took(ms) {
      slowestMs = Math.max(slowestMs, ms);
    },
    tooMany() {
      room = Math.max(1, Math.floor((fresh.size + parked.size) * SHRINK));
    },
    landed,
    stop() {
      clearInterval(timer);
      const left = [...fresh.keys(), ...parked.keys()];
      fresh.clear();
      parked.clear();
      return left;
    },
  };
}
