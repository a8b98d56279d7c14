import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ListenAddress } from '../plan/settings.ts';
import { systemError } from '../system/errors.ts';
import { strangers } from '../system/strangers.ts';
import type { Answer, Question } from './answers.ts';

/** From its first packet to the last byte of its answer a connection has so long, whatever it is slow at. Milliseconds. */
const LIFE_MS = 30_000;
/** Until the headers are there. Milliseconds. */
const HEADERS_MS = 5_000;
/** At a time; a further one takes the place of the oldest one of whoever has most. */
const MOST_CONNECTIONS = 128;
/** Bytes. */
const LONGEST_HEADERS = 8_192;
/** Connections that wait for us to take them; the kernel keeps no more than net.core.somaxconn. */
const BACKLOG = 4_096;

export interface ServerOptions extends ListenAddress {
  readonly answer: (question: Question) => Answer;
  /** Milliseconds that a connection has: 30,000 unless said. */
  readonly lifeMs?: number;
}

export interface HttpServer {
  readonly port: number;
  /** Hangs up on everybody. */
  close(): Promise<void>;
}

/**
 * One answer for each connection, to questions without a body, from bytes that all answers share: slow and hostile clients cost a bounded amount of
 * memory for a bounded time, and those that come in earnest are answered beside them. Rejects with a SystemError when the port cannot be opened.
 */
export async function openServer({ address, port, answer, lifeMs = LIFE_MS }: ServerOptions): Promise<HttpServer> {
  const server = createServer({
    headersTimeout: HEADERS_MS,
    requestTimeout: HEADERS_MS,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: LONGEST_HEADERS,
    keepAlive: false,
    noDelay: true,
  });
  const clients = strangers(MOST_CONNECTIONS);
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    const life = setTimeout(() => socket.destroy(), lifeMs);
    socket.once('close', () => clearTimeout(life));
    clients.add(socket);
  });
  const asked = new WeakSet<Socket>();
  const respond = (request: IncomingMessage, response: ServerResponse) => {
    const { socket, method = '', url = '', headers } = request;
    // Whoever asks again before the answer is there would have us keep all of their questions.
    if (asked.has(socket)) {
      socket.destroy();
      return;
    }
    asked.add(socket);
    const { status, headers: said, body } = answer({ method, url, host: headers.host ?? null });
    const length = body.reduce((sum, part) => sum + part.length, 0);
    response.shouldKeepAlive = false;
    response.writeHead(status, { ...said, 'content-length': length });
    if (method !== 'HEAD') for (const part of body) response.write(part);
    response.end();
  };
  server.on('request', respond);
  // Who wants to send a body is answered without it.
  server.on('checkContinue', respond);

  await new Promise<void>((done, fail) => {
    server.once('error', (error) => fail(systemError(error, `TCP port ${port}`)));
    server.listen({ port, exclusive: true, backlog: BACKLOG, ...(address === null ? {} : { host: address }) }, done);
  });
  server.removeAllListeners('error');
  // A connection that could not be accepted; the next one may be.
  server.on('error', () => undefined);
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      clients.destroyAll();
      await closed;
    },
  };
}
