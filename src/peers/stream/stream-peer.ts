import type { Readable, Writable } from 'node:stream';
import { printable } from '../../values/printable.ts';
import { SCHEMAS } from '../messages/message-schemas.ts';
import { PeerError, type Peer } from '../peer.ts';
import { MESSAGE_LIMIT, type AnswerOf, type MessageName } from '../messages/protocol.ts';
import { replySchema, type Call, type Reply } from './stream-frames.ts';
import { jsonLines } from './stream-lines.ts';

/** A peer in another process, over its standard input and output. @param end Tells, once it has ended, what did. */
export function streamPeer(
  key: string,
  input: Writable,
  output: Readable,
  end = () => `the process for ${key} has ended`,
): Peer {
  const waiting = new Map<number, (reply: Reply | null) => void>();
  let next = 0;
  let isOver = false;
  const over = () => {
    isOver = true;
    for (const done of waiting.values()) done(null);
    waiting.clear();
  };
  input.on('error', over);
  const say = (call: Call) => input.write(`${JSON.stringify(call)}\n`);

  const listen = async () => {
    const schema = replySchema();
    for await (const line of jsonLines(output, MESSAGE_LIMIT)) {
      const reply = schema.parse(line);
      waiting.get(reply.id)?.(reply);
      waiting.delete(reply.id);
    }
  };
  // Whatever ended it, it answers no more.
  listen().then(over, over);

  return {
    key,
    call: async (message, request, signal) => {
      signal.throwIfAborted();
      if (isOver) throw lost(end(), message);
      const id = next++;
      const { promise, resolve } = Promise.withResolvers<Reply | null>();
      waiting.set(id, resolve);
      const giveUp = () => {
        waiting.delete(id);
        say({ id, given: 'up' });
        resolve(null);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      try {
        say({ id, message, request });
        const reply = await promise;
        if (signal.aborted) throw new PeerError('lost', `${key} gave no answer in time (${message})`);
        if (reply === null) throw lost(end(), message);
        return read(key, message, reply);
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
    },
    close: () => input.end(),
  };
}

function lost(end: string, message: MessageName): PeerError {
  return new PeerError('lost', `${end} (${message})`);
}

function read<M extends MessageName>(key: string, message: M, reply: Reply): AnswerOf<M> {
  if ('refusal' in reply)
    throw new PeerError('rejected', `${key} refused (${message}): ${printable(reply.refusal.message)}`);
  const answer = SCHEMAS[message].answer.safeParse(reply.answer);
  if (answer.success) return answer.data;
  throw new PeerError('not-a-peer', `${key} gave an answer that is none (${message})`);
}
