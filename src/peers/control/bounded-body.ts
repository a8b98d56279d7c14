import type { IncomingMessage } from 'node:http';
import { bodyOf, noMoreThan } from '../../system/body.ts';
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
    const fits = noMoreThan(MESSAGE_LIMIT, tooLong);
    let size = 0;
    try {
      return await bodyOf(request, (bytes) => {
        size += bytes;
        together += bytes;
        fits(bytes);
        if (together > TOGETHER) throw new Refusal(503, 'busy', 'too many messages come at the same time');
      });
    } finally {
      together -= size;
    }
  };
}
