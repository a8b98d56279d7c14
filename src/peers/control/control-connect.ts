import { connect, type TLSSocket } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlProblem } from '../../evidence/control-problems.ts';
import { codeOf } from '../../system/errors.ts';
import { IDENTITY, KEEP_ALIVE_MS, TLS } from './control-tls.ts';
import { PeerError } from '../peer.ts';

export interface Destination {
  /** How messages name the peer. */
  readonly key: string;
  readonly address: string;
  readonly port: number;
  readonly psk: Buffer;
}

/** A peer that is crowded with strangers may drop us for one of them: then it is worth another try. */
const TRIES = 3;
const PAUSE_MS = 200;

/** A connection on which the ends are yet to prove the token. */
export function openConnection({ address, port, psk }: Destination): TLSSocket {
  const socket = connect({
    ...TLS,
    host: address,
    port,
    pskCallback: () => ({ psk, identity: IDENTITY }),
    // Both prove the key, and there are no certificates.
    checkServerIdentity: () => undefined,
  });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  // Errors come to whoever uses the connection; without a listener here those of an idle one would end the program.
  socket.on('error', () => undefined);
  return socket;
}

/** A connection on which both ends have proved the token. Rejects with a PeerError; when `signal` aborts, at once. */
export async function controlConnection(to: Destination, signal: AbortSignal): Promise<TLSSocket> {
  for (let tries = 1; ; tries++) {
    const failure = await attempt(to, signal);
    if (!(failure instanceof PeerError)) return failure;
    if (failure.problem !== 'not-a-peer' || tries === TRIES || signal.aborted) throw failure;
    await sleep(PAUSE_MS);
  }
}

function attempt(to: Destination, signal: AbortSignal): Promise<TLSSocket | PeerError> {
  const { promise, resolve } = Promise.withResolvers<TLSSocket | PeerError>();
  if (signal.aborted) return Promise.resolve(problem(to, 'silent', 'does not answer'));
  const socket = openConnection(to);
  let taken = false;
  const onAbort = () => {
    resolve(
      taken
        ? problem(to, 'not-a-peer', 'takes the connection and does not answer, as a peer does')
        : problem(to, 'silent', 'does not answer'),
    );
    socket.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('connect', () => (taken = true));
  socket.once('secureConnect', () => resolve(socket));
  socket.once('error', (error) => resolve(problemOf(to, error, taken)));
  socket.once('close', () => resolve(problem(to, 'not-a-peer', 'hangs up')));
  return promise.finally(() => signal.removeEventListener('abort', onAbort));
}

function problemOf(to: Destination, error: Error, taken: boolean): PeerError {
  const code = codeOf(error) ?? error.message;
  if (code === 'ECONNREFUSED') {
    return problem(
      to,
      'refused',
      'refuses the connection: `seaworthy listen` does not run there, or a firewall refuses',
    );
  }
  if (!taken) return problem(to, 'silent', `cannot be reached (${code})`);
  if (PROVED_ANOTHER_KEY.test(error.message))
    return problem(to, 'wrong-token', 'holds another token than this machine');
  return problem(to, 'not-a-peer', `is answered by something else than \`seaworthy listen\` (${code})`);
}

/** RFC 5246 7.2.2: bad_record_mac and decrypt_error, which is how the end of a handshake with another key is told. */
const PROVED_ANOTHER_KEY = /SSL alert number (?:20|51)\b/;

function problem({ key, address, port }: Destination, what: ControlProblem, said: string): PeerError {
  const where = key.includes(address) ? `TCP port ${port}` : `${address}, TCP port ${port}`;
  return new PeerError(what, `${key} (${where}) ${said}`);
}
