import { randomBytes } from 'node:crypto';
import { createArrivals } from '../../src/probes/arrivals.ts';
import type { Receiver, Run } from '../../src/probes/ends.ts';
import { KEY_BYTES, newKey } from '../../src/probes/seal.ts';

/** Two machines of one run on one host. */
export function twoMembers(id = randomBytes(8), secret = newKey()): { sender: Run; receiver: Receiver; received: Run } {
  const members = ['a', 'b'].map((key) => ({
    key,
    instance: Buffer.alloc(KEY_BYTES, key),
    addresses: ['127.0.0.1', '::1'],
  }));
  const sender = { id, secret, members, self: 0, arrivals: createArrivals() };
  const received = { ...sender, self: 1, arrivals: createArrivals() };
  const receiver = {
    instance: Buffer.alloc(KEY_BYTES, 'b'),
    runOf: (asked: Buffer) => (asked.equals(id) ? received : null),
  };
  return { sender, receiver, received };
}
