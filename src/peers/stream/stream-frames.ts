import * as z from 'zod';

/** What travels over a pipe between two processes: a JSON document on each line. Several calls may be under way. */
const id = z.int().min(0);

/** From who asks: a message for the peer, or that its answer is waited for no more. */
export const callSchema = () =>
  z.union([
    z.object({ id, message: z.string().max(20), request: z.unknown() }),
    z.object({ id, given: z.literal('up') }),
  ]);

export const replySchema = () =>
  z.union([
    z.object({ id, answer: z.unknown() }),
    z.object({ id, refusal: z.object({ code: z.string().max(40), message: z.string().max(4_000) }) }),
  ]);

export type Call = z.infer<ReturnType<typeof callSchema>>;
export type Reply = z.infer<ReturnType<typeof replySchema>>;
