import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer } from '../../peers/peer.ts';
import { LEASE_MS } from '../../peers/messages/protocol.ts';
import { serveStream } from '../../peers/stream/stream-server.ts';
import type { Plan } from '../../plan/settings.ts';
import { watchEnding } from '../ending.ts';
import { closingTime, listeningPeer } from './listening-peer.ts';
import { UsageError } from '../usage-error.ts';

/**
 * A peer for whoever holds the other end of standard input and output: it started this process, so that no token has to be proved. It ends with the
 * input, and when nobody has said anything for as long as a lease lasts: where a link is cut, no end of the input comes.
 */
export async function listenOnStdio(plan: Plan): Promise<number> {
  if (process.stdin.isTTY) {
    throw new UsageError(
      '--stdio speaks to another seaworthy, not to a person: `seaworthy mesh --ssh --peer HOST …` starts it by itself.',
      'To wait for others on a port: seaworthy listen --token-file FILE',
    );
  }
  const { signal } = watchEnding(plan.settings.listenFor);
  const peer = await listeningPeer(plan, signal);
  const { heard, over } = untilSilence(peer, signal);
  try {
    await Promise.race([serveStream(heard, process.stdin, process.stdout), over]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`--stdio: what came is no message of seaworthy: ${error.message}`);
  } finally {
    await Promise.race([peer.closeAll(), sleep(closingTime(plan))]);
  }
  return 0;
}

/** The peer, and a promise that settles when it is to end although its input does not. */
function untilSilence(peer: Peer, signal: AbortSignal): { heard: Pick<Peer, 'call'>; over: Promise<void> } {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const silence = setTimeout(resolve, LEASE_MS);
  signal.addEventListener('abort', () => resolve(), { once: true });
  if (signal.aborted) resolve();
  const call: Peer['call'] = (message, request, given) => {
    silence.refresh();
    return peer.call(message, request, given);
  };
  return { heard: { call }, over };
}
