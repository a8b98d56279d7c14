import { SCHEMAS } from './message-schemas.ts';
import { PeerError, type Peer } from '../peer.ts';
import type { AnswerOf, MessageName } from './protocol.ts';
import { Refusal } from './refusal.ts';

/** Takes a message of whoever holds the channel to the peer, held against its schema. Rejects with a Refusal or a PeerError. */
export async function obey<M extends MessageName>(
  peer: Pick<Peer, 'call'>,
  message: M,
  body: unknown,
  signal: AbortSignal,
): Promise<AnswerOf<M>> {
  const request = SCHEMAS[message].request.safeParse(body);
  if (request.success) return peer.call(message, request.data, signal);
  const [issue] = request.error.issues;
  throw new Refusal(400, 'malformed', `${[message, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'no'}`);
}

/** What is answered instead. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof PeerError) return new Refusal(422, error.problem, error.message);
  return new Refusal(500, 'broken', error instanceof Error ? error.message : String(error));
}
