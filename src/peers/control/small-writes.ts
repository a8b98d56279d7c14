import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** With the headers of HTTP, TLS and IP it fits into the smallest packet that every link takes: 1,280 bytes, RFC 8200, section 5. */
const STEP = 1_000;
/** So many are on their way before the next pause: fewer than a connection starts with (TCP_INIT_CWND of include/net/tcp.h: 10). */
const STEPS = 4;
/** Longer than a packet and its acknowledgement take between the nodes of a cluster. Milliseconds. */
const PAUSE_MS = 2;

/**
 * Writes a message in pieces that each go in a packet of their own, and ends the stream: on a path that swallows large packets without a word the control
 * channel still gets through, and can tell of it.
 */
export async function endInSmallWrites(stream: Writable, bytes: Buffer): Promise<void> {
  for (let at = 0, step = 1; at < bytes.length && !stream.destroyed; at += STEP, step++) {
    await new Promise<void>((done) => void stream.write(bytes.subarray(at, at + STEP), () => done()));
    if (step % STEPS === 0) await sleep(PAUSE_MS);
  }
  stream.end();
}
