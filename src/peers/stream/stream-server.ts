import type { Readable, Writable } from 'node:stream';
import { isMessage } from '../messages/message-schemas.ts';
import { obey, refusalOf } from '../messages/obey.ts';
import type { Peer } from '../peer.ts';
import { MESSAGE_LIMIT } from '../messages/protocol.ts';
import { Refusal } from '../messages/refusal.ts';
import { callSchema, type Reply } from './stream-frames.ts';
import { jsonLines } from './stream-lines.ts';

/** Answers what comes in on a pipe, until it ends. Whoever holds its other end is trusted: it started this process. Throws a RangeError at what is no message. */
export async function serveStream(peer: Pick<Peer, 'call'>, input: Readable, output: Writable): Promise<void> {
  const schema = callSchema();
  const pending = new Map<number, AbortController>();
  // Who asked is gone.
  output.on('error', () => undefined);
  const reply = (what: Reply) => output.write(`${JSON.stringify(what)}\n`);

  const answer = async (id: number, message: string, request: unknown, signal: AbortSignal) => {
    try {
      if (!isMessage(message)) throw new Refusal(404, 'unknown-message', 'there is no such message');
      reply({ id, answer: await obey(peer, message, request, signal) });
    } catch (error) {
      const { code, message: why } = refusalOf(error);
      reply({ id, refusal: { code, message: why.slice(0, 4_000) } });
    } finally {
      pending.delete(id);
    }
  };

  try {
    for await (const line of jsonLines(input, MESSAGE_LIMIT)) {
      const { data: call } = schema.safeParse(line);
      if (call === undefined) throw new RangeError('a line is no message');
      if ('given' in call) {
        pending.get(call.id)?.abort();
        continue;
      }
      const controller = new AbortController();
      pending.set(call.id, controller);
      void answer(call.id, call.message, call.request, controller.signal);
    }
  } finally {
    for (const controller of pending.values()) controller.abort();
  }
}
