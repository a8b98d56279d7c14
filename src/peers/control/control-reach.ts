import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { ControlProblem } from '../../evidence/control-problems.ts';
import { codeOf } from '../../system/errors.ts';
import type { Network } from '../../system/network.ts';
import { controlConnection, type Destination } from './control-connect.ts';
import { PeerError } from '../peer.ts';

/** Of several addresses the next one is tried after so long. Milliseconds. */
const NEXT_ADDRESS_MS = 300;

export interface Reaching {
  /** How messages name the peer. */
  readonly key: string;
  readonly host: string;
  readonly port: number;
  readonly psk: Buffer;
  /** How long it may take until both have proved the token. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly network: Pick<Network, 'resolve'>;
}

/** A connection on which the token is proved, and where it leads. */
export interface Reached {
  readonly destination: Destination;
  readonly socket: TLSSocket;
}

/** Tries all addresses that the name has; the first on which the token is proved is the one. Rejects with a PeerError. */
export async function reach({ key, host, port, psk, timeoutMs, signal, network }: Reaching): Promise<Reached> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const addresses = await resolve(key, host, network, late);
  const over = new AbortController();
  const trying = AbortSignal.any([late, over.signal]);
  const attempts = addresses.map(async (address, index): Promise<Reached> => {
    if (index > 0) await sleep(index * NEXT_ADDRESS_MS, undefined, { signal: trying }).catch(() => undefined);
    const destination = { key, address, port, psk };
    const socket = await controlConnection(destination, trying);
    // Not the first, by a hair: nobody uses it.
    if (over.signal.aborted) socket.destroy();
    over.abort();
    return { destination, socket };
  });
  try {
    return await Promise.any(attempts);
  } catch (error) {
    throw error instanceof AggregateError ? mostTelling(key, error.errors) : error;
  }
}

async function resolve(key: string, host: string, network: Reaching['network'], signal: AbortSignal) {
  try {
    return await network.resolve(host, signal);
  } catch (error) {
    throw new PeerError('no-address', `${key}: the name ${host} has no address here (${codeOf(error) ?? 'no answer'})`);
  }
}

/** What is most worth knowing first: somebody spoke. */
const TELLING: readonly ControlProblem[] = ['wrong-token', 'not-a-peer', 'refused', 'silent'];

function mostTelling(key: string, errors: readonly unknown[]): PeerError {
  const problems = errors.filter((error) => error instanceof PeerError);
  const [first] = problems.toSorted((a, b) => TELLING.indexOf(a.problem) - TELLING.indexOf(b.problem));
  return first ?? new PeerError('no-address', `${key} has no address`);
}
