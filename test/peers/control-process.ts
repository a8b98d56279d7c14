import { serveControl } from '../../src/peers/control/control-server.ts';
import type { AnswerOf, MessageName } from '../../src/peers/messages/protocol.ts';

// A control port in a process of its own: for what is to be killed, and measured. `clock` is answered, all else never.

const never = new Promise<never>(() => undefined);
const answers: { readonly [M in MessageName]?: AnswerOf<M> } = { clock: { receivedMs: 1, sentMs: 2 } };

const { port } = await serveControl({
  peer: { call: async (message) => answers[message] ?? never },
  psk: Buffer.from(process.argv[2] ?? '', 'hex'),
  version: '0.0.0-test',
  address: '127.0.0.1',
  port: 0,
  signal: new AbortController().signal,
});
process.on('message', () => process.send?.({ memory: process.memoryUsage.rss() }));
process.send?.({ port });
