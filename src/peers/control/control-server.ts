import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { systemError } from '../../system/errors.ts';
import { answering } from './control-answers.ts';
import { IDENTITY, KEEP_ALIVE_MS, TLS } from './control-tls.ts';
import type { Peer } from '../peer.ts';
import { strangers } from '../../system/strangers.ts';

/** Whoever holds the token proves it in a few round trips. Milliseconds. */
const HANDSHAKE_MS = 5_000;
/** Connections that have not proved the token, at a time. */
const MOST_STRANGERS = 128;
/** Connections that have: a coordinator holds four, and sixteen runs may take part. */
const MOST_CONNECTIONS = 64;
/** Connections that wait for us to take them; the kernel keeps no more than net.core.somaxconn, and then drops the owner of the token too. */
const BACKLOG = 4_096;
/** An idle connection is closed, and a request that does not come to its end. Milliseconds. */
const IDLE_MS = 60_000;

export interface ControlOptions {
  /** Does what is asked. */
  readonly peer: Pick<Peer, 'call'>;
  readonly psk: Buffer;
  /** Of this program. */
  readonly version: string;
  /** Null for all addresses. */
  readonly address: string | null;
  /** 0 for any that is free. */
  readonly port: number;
  /** Closes it. */
  readonly signal: AbortSignal;
}

export interface Control {
  readonly port: number;
  /** Hangs up on everybody; the calls that they wait for are aborted. */
  close(): Promise<void>;
}

/**
 * Opens the control port. Who does not hold the token gets no answer but that of TLS, and can neither exhaust memory nor keep out who does. Rejects
 * with a SystemError when the port cannot be opened.
 */
export async function serveControl({ peer, psk, version, address, port, signal }: ControlOptions): Promise<Control> {
  const server = createServer({
    ...TLS,
    pskCallback: (_socket, identity) => (identity === IDENTITY ? psk : null),
    handshakeTimeout: HANDSHAKE_MS,
    headersTimeout: IDLE_MS,
    requestTimeout: IDLE_MS,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: HANDSHAKE_MS,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    noDelay: true,
  });
  const unproven = strangers(MOST_STRANGERS);
  const connections = new Set<Socket>();
  let proven = 0;
  // Before TLS takes the socket over.
  server.prependListener('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    unproven.add(socket);
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('secureConnection', (socket) => {
    unproven.remove(socket);
    proven += 1;
    socket.once('close', () => (proven -= 1));
    socket.on('error', () => undefined);
    if (proven > MOST_CONNECTIONS) socket.destroy();
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  const answer = answering(peer, version);
  server.on('request', (request, response) => void answer(request, response));
  await listening(server, address, port);

  const close = async () => {
    const closed = new Promise<void>((done) => server.close(() => done()));
    unproven.destroyAll();
    // With a reset, so that no TIME_WAIT stays behind.
    for (const socket of connections) socket.resetAndDestroy();
    server.closeAllConnections();
    await closed;
  };
  signal.addEventListener('abort', () => void close(), { once: true });
  if (signal.aborted) await close();
  const bound = server.address();
  return { port: typeof bound === 'object' && bound !== null ? bound.port : port, close };
}

async function listening(server: Server, host: string | null, port: number): Promise<void> {
  await new Promise<void>((done, fail) => {
    server.once('error', (error) => fail(systemError(error, `TCP port ${port}`)));
    server.once('listening', done);
    // Without a host all addresses of both families, or of IPv4 where there is no IPv6.
    server.listen({ port, exclusive: true, backlog: BACKLOG, ...(host === null ? {} : { host }) });
  });
  server.removeAllListeners('error');
  // A connection that could not be accepted; the next one may be.
  server.on('error', () => undefined);
}
