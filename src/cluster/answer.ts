import type * as http from 'node:http';
import { SystemError } from '../system/system.ts';
import type { Access, Secrets } from './access.ts';
import { connectionError, noAnswer } from './connection-error.ts';
import { request } from './request.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A page of nodes with all their images, or of pods with all their volumes, takes a few megabytes. Bytes. */
const BODY_LIMIT = 16 * 1024 * 1024;

/** One GET. Where it leads elsewhere (a redirect) nothing follows: the credentials are for this server alone. */
export function ask(
  { server, trust }: Access,
  agent: http.Agent,
  path: string,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const onAbort = () => reject(noAnswer(server));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const fail = (error: unknown) => reject(connectionError(error, server));
  let call: http.ClientRequest | null = null;
  try {
    call = request(server, trust, agent, path, secrets);
    call.once('error', fail);
    call.once('response', (response) => {
      const chunks: Buffer[] = [];
      let total = 0;
      response.on('data', (chunk: Buffer) => {
        total += chunk.length;
        if (total <= BODY_LIMIT) chunks.push(chunk);
        else
          fail(
            new SystemError(
              'error',
              `${server.origin} gave an answer of more than ${BODY_LIMIT} bytes to ${path}`,
              'EFBIG',
            ),
          );
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
    .finally(() => signal.removeEventListener('abort', onAbort));
}
