import type { ClientRequest, IncomingMessage } from 'node:http';

/** The head of what comes back; rejects with the error of the connection, as often as that has any. */
export function responseTo(call: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  call.on('error', reject);
  call.once('response', resolve);
  return promise;
}
