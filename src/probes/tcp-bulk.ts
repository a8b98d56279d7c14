import type { Bulk } from '../evidence/reach.ts';
import type { Pace } from './ends.ts';
import { BULK, BULK_BYTES } from './tcp-messages.ts';
import { hangUp, talk, type Party, type TalkEnd } from './tcp-talk.ts';

/** Milliseconds without progress after which a connection stands still: at least so many, since a lost segment is repeated only after a while. */
const STALLED_MS = 1_500;
const LOOK_MS = 50;
/** A second try, before a connection is said to stand still. */
const TRIES = 2;

/** Bulk there and back over a port that answered; null when it does not answer any more. */
export async function carryBulk(
  party: Party,
  port: number,
  { silenceMs }: Pace,
  signal: AbortSignal,
): Promise<Bulk | null> {
  let carried: Bulk | null = null;
  for (let round = 0; round < TRIES; round++) {
    const { promise, resolve } = Promise.withResolvers<Bulk | null>();
    const stop = start(party, port, Math.max(STALLED_MS, silenceMs), resolve);
    signal.addEventListener('abort', stop, { once: true });
    carried = await promise;
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
    if (carried?.stalled !== true) break;
  }
  return carried;
}

/** Returns what ends it before its time. */
function start(party: Party, port: number, patienceMs: number, done: (bulk: Bulk | null) => void): () => void {
  const started = performance.now();
  let progress = started;
  let answered = false;
  let ended = false;
  let arrived = 0;
  let returned = 0;
  let receipt = Buffer.alloc(0);

  const events = {
    stirred: () => {
      progress = performance.now();
    },
    ended: ({ saw }: TalkEnd) => {
      if (saw.outcome !== 'answered') return end(false);
      answered = true;
      carrier.socket.once('close', () => end(false));
      carrier.socket.write(BULK);
    },
  };
  const carrier = talk(party, port, 0, events, () => take);
  const timer = setInterval(() => {
    // What has come meanwhile, while this process did not look, is heard first.
    if (performance.now() - progress >= patienceMs) setImmediate(stoodStill);
  }, LOOK_MS);
  return () => end(false);

  function take(bytes: Buffer): void {
    progress = performance.now();
    let rest = bytes;
    while (arrived < BULK_BYTES && rest.length > 0) {
      const lacking = 4 - receipt.length;
      receipt = Buffer.concat([receipt, rest.subarray(0, lacking)]);
      rest = rest.subarray(lacking);
      if (receipt.length < 4) return;
      arrived = Math.min(receipt.readUInt32BE(), BULK_BYTES);
      receipt = Buffer.alloc(0);
    }
    returned = Math.min(returned + rest.length, BULK_BYTES);
    if (returned === BULK_BYTES) end(false);
  }

  function stoodStill(): void {
    if (performance.now() - progress >= patienceMs) end(true);
  }

  function end(stalled: boolean): void {
    if (ended) return;
    ended = true;
    clearInterval(timer);
    carrier.forget();
    hangUp(carrier.socket);
    const ms = performance.now() - started;
    done(answered ? { port, bytes: BULK_BYTES, arrived, returned, ms, stalled } : null);
  }
}
