import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { bodyReader } from './bounded-body.ts';
import { messageAt } from '../messages/message-schemas.ts';
import { obey, refusalOf } from '../messages/obey.ts';
import type { Peer } from '../peer.ts';
import { PROTOCOL } from '../messages/protocol.ts';
import { OTHER_PROTOCOL, Refusal, versionSchema } from '../messages/refusal.ts';
import { endInSmallWrites } from './small-writes.ts';

/** Takes requests of those who hold the token to the peer, each held against its schema, and what comes of them back as JSON. Never rejects. */
export function answering(peer: Pick<Peer, 'call'>, version: string) {
  const readBody = bodyReader();
  const busy = new WeakSet<Socket>();

  const read = async (request: IncomingMessage, signal: AbortSignal): Promise<unknown> => {
    const message = messageAt(request.url ?? '');
    if (message === null) throw new Refusal(404, 'unknown-message', 'there is no such message');
    if (request.method !== 'POST') throw new Refusal(405, 'unknown-message', 'messages are posted');
    const body = parseJson(await readBody(request));
    if (message === 'meet') requireVersion(body);
    return obey(peer, message, body, signal);
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { socket } = request;
    // One at a time on each connection: nobody waits for the answer of another but who asked for it.
    if (busy.has(socket)) {
      socket.destroy();
      return;
    }
    busy.add(socket);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      send(response, 200, await read(request, gone.signal));
    } catch (error) {
      const { status, code, message } = refusalOf(error);
      // What is left of the request is not waited for.
      if (!request.complete) response.setHeader('connection', 'close');
      send(response, status, { code, message, protocol: PROTOCOL, version });
    } finally {
      busy.delete(socket);
    }
  };
}

function requireVersion(body: unknown): void {
  const parsed = versionSchema().safeParse(body);
  if (!parsed.success || parsed.data.protocol === PROTOCOL) return;
  throw new Refusal(409, OTHER_PROTOCOL, `version ${PROTOCOL} of the protocol is spoken here`);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length });
  void endInSmallWrites(response, text);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal(400, 'malformed', 'a message is JSON');
  }
}
