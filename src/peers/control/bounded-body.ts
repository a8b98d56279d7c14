import type { IncomingMessage } from 'node:http';
import { MESSAGE_LIMIT } from '../messages/protocol.ts';
import { Refusal } from '../messages/refusal.ts';

/** All bodies together that are on their way. Bytes. */
const TOGETHER = 4 * MESSAGE_LIMIT;

/** Reads bodies of requests; rejects with a Refusal where one is too long, or where there are too many at a time. */
export function bodyReader(): (request: IncomingMessage) => Promise<Buffer> {
  let together = 0;
  return async (request) => {
    const tooLong = () => new Refusal(413, 'too-long', `a message is no longer than ${MESSAGE_LIMIT} bytes`);
    if (Number(request.headers['content-length'] ?? 0) > MESSAGE_LIMIT) throw tooLong();
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of request) {
        if (!Buffer.isBuffer(chunk)) continue;
        size += chunk.length;
        together += chunk.length;
        if (size > MESSAGE_LIMIT) throw tooLong();
        if (together > TOGETHER) throw new Refusal(503, 'busy', 'too many messages come at the same time');
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    } finally {
      together -= size;
    }
  };
}
