import { Agent, request } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { bodyOf, noMoreThan } from '../../system/body.ts';
import { responseTo } from '../../system/response.ts';
import { openConnection, type Destination } from './control-connect.ts';
import { MESSAGE_LIMIT } from '../messages/protocol.ts';
import { endInSmallWrites } from './small-writes.ts';

/** Calls at the same time: a lease is renewed and the peer looks while it sends. */
const CONNECTIONS = 4;

/** The connection on which the token was proved, and more where several calls are on their way. */
export class ControlAgent extends Agent {
  readonly #destination: Destination;
  #first: TLSSocket | null;

  constructor(destination: Destination, first: TLSSocket) {
    super({ keepAlive: true, maxSockets: CONNECTIONS, maxFreeSockets: CONNECTIONS });
    this.#destination = destination;
    this.#first = first;
  }

  override createConnection(): TLSSocket {
    const first = this.#first;
    this.#first = null;
    return first === null || first.destroyed ? openConnection(this.#destination) : first;
  }

  override destroy(): void {
    this.#first?.destroy();
    super.destroy();
  }
}

export interface Response {
  readonly status: number;
  readonly text: string;
}

/** What was answered is longer than any answer. */
export class TooLong extends Error {}

/** Posts JSON on a connection of the agent. Rejects with the error of the connection, or with a TooLong; when `signal` aborts, at once. */
export async function post(agent: Agent, path: string, body: string, signal: AbortSignal): Promise<Response> {
  const bytes = Buffer.from(body);
  const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
  const sending = request({ agent, method: 'POST', path, headers, signal });
  const answered = responseTo(sending);
  void endInSmallWrites(sending, bytes);
  const response = await answered;
  const text = await bodyOf(
    response,
    noMoreThan(MESSAGE_LIMIT, () => new TooLong()),
  );
  return { status: response.statusCode ?? 0, text: text.toString('utf8') };
}
