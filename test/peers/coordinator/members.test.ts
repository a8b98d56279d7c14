import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { enlist, type Met } from '../../../src/peers/coordinator/members.ts';
import { PeerError } from '../../../src/peers/peer.ts';
import { localMachine, type LocalMachine } from '../local.ts';

/** A machine over a channel that breaks with these messages. */
async function met({ peer, address }: LocalMachine, broken: readonly string[]): Promise<Met> {
  const welcome = await peer.call('meet', { protocol: 1, version: '0.0.0-test', plan: {} }, AbortSignal.timeout(5_000));
  return {
    welcome,
    addresses: [address],
    own: false,
    peer: {
      ...peer,
      call: async (message, request, signal) => {
        if (broken.includes(message)) throw new PeerError('lost', `the connection to ${peer.key} broke (${message})`);
        return peer.call(message, request, signal);
      },
    },
  };
}

test('a renewal that did not get through is tried again, and any other call tells that a machine is lost', async () => {
  const run = randomBytes(8).toString('hex');
  const members = await enlist({
    met: [await met(localMachine('a'), ['renew']), await met(localMachine('b'), ['renew', 'release'])],
    run,
    secret: randomBytes(32).toString('base64url'),
    endpoints: [],
    plan: {},
    signal: AbortSignal.timeout(20_000),
  });
  for (const key of ['a', 'b']) {
    expect(await members.call(key, 'renew', { run })).toBe(null);
    expect(members.lost(key)).toBe(null);
    await members.call(key, 'release', { run });
  }
  expect(members.lost('a')).toBe(null);
  expect(members.lost('b')).toBe('the connection to b broke (release)');
  expect(await members.call('b', 'look', { run, from: null, ports: [], connections: false })).toBe(null);
  await members.leave();
});
