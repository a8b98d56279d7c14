import type * as http from 'node:http';
import { SystemError } from '../system/system.ts';
import type { Access, Secrets } from './access.ts';
import { connectionError, noAnswer } from './connection-error.ts';
import { request } from './request.ts';
import type { Room } from './room.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * One GET. Where it leads elsewhere (a redirect) nothing follows: the credentials are for this server alone.
 * @param room Bytes that all answers may take together while they come.
 */
export function ask(
  { server, trust }: Access,
  agent: http.Agent,
  path: string,
  secrets: Secrets,
  room: Room,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const onAbort = () => reject(noAnswer(server));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const fail = (error: unknown) => reject(connectionError(error, server));
  let call: http.ClientRequest | null = null;
  let total = 0;
  try {
    call = request(server, trust, agent, path, secrets);
    call.once('error', fail);
    call.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        total += chunk.length;
        if (room.take(chunk.length)) chunks.push(chunk);
        else fail(tooMuch(server, path));
      });
      response.once('error', fail);
      response.once('aborted', () =>
        fail(new SystemError('error', `${server.origin} broke off its answer to ${path}`, 'ECONNRESET')),
      );
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    call.end();
  } catch (error) {
    // A certificate and a key that do not belong together, for one, are refused before anything is sent.
    fail(error);
  }
  return promise
    .catch((error: unknown) => {
      call?.destroy();
      throw error;
    })
    .finally(() => {
      room.leave(total);
      signal.removeEventListener('abort', onAbort);
    });
}

/** What no API server of a cluster that Kubernetes is made for gives. */
export function tooMuch({ origin }: URL, path: string): SystemError {
  return new SystemError(
    'error',
    `${origin} gave more to ${path.replace(/\?.*$/, '')} than an API server would, and it was not read to its end`,
    'EFBIG',
  );
}
