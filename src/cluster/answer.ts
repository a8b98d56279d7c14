import type * as http from 'node:http';
import { bodyOf } from '../system/body.ts';
import { responseTo } from '../system/response.ts';
import { SystemError } from '../system/system.ts';
import type { Access, Secrets } from './access.ts';
import { connectionError, noAnswer } from './connection-error.ts';
import { request } from './request.ts';
import type { Room } from './room.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** By what every request of a client is sent. */
interface Asking {
  readonly access: Access;
  readonly agent: http.Agent;
  /** Bytes that all answers may take together while they come. */
  readonly room: Room;
}

/** One GET. Where it leads elsewhere (a redirect) nothing follows: the credentials are for this server alone. */
export async function ask(
  { access: { server, trust }, agent, room }: Asking,
  path: string,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<Answer> {
  let call: http.ClientRequest;
  try {
    call = request(server, trust, agent, path, secrets);
  } catch (error) {
    // A certificate and a key that do not belong together, for one.
    throw connectionError(error, server);
  }
  let held = 0;
  const take = (bytes: number) => {
    held += bytes;
    if (!room.take(bytes)) throw tooMuch(server, path);
  };
  const { promise: late, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(noAnswer(server));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([answerTo(call, server, path, take), late]);
  } catch (error) {
    call.destroy();
    throw connectionError(error, server);
  } finally {
    room.leave(held);
    signal.removeEventListener('abort', onAbort);
  }
}

async function answerTo(
  call: http.ClientRequest,
  server: URL,
  path: string,
  take: (bytes: number) => void,
): Promise<Answer> {
  const answering = responseTo(call);
  call.end();
  const response = await answering;
  try {
    const body = await bodyOf(response, take);
    return { status: response.statusCode ?? 0, body: body.toString('utf8') };
  } catch (error) {
    if (error instanceof SystemError) throw error;
    throw new SystemError('error', `${server.origin} broke off its answer to ${path}`, 'ECONNRESET', error);
  }
}

/** The code of its SystemError. */
export const TOO_MUCH = 'EFBIG';

/** What no API server of a cluster that Kubernetes is made for gives. */
export function tooMuch({ origin }: URL, path: string): SystemError {
  return new SystemError(
    'error',
    `${origin} gave more to ${path.replace(/\?.*$/, '')} than an API server would, and it was not read to its end`,
    TOO_MUCH,
  );
}
