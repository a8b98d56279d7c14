import { expect, test } from 'vitest';
import type { ProbeRequest } from '../../../src/evidence/probes.ts';
import type { Members, Met } from '../../../src/peers/coordinator/members.ts';
import { noRoomFor } from '../../../src/peers/coordinator/room.ts';
import type { Limits } from '../../../src/peers/messages/protocol.ts';

const ROOM: Limits = { sockets: 10_000, tracked: null, neighbours: null };

function withLimits(limits: Readonly<Record<string, Partial<Limits>>>): Pick<Members, 'of'> {
  return {
    of: (key) => {
      const welcome = { limits: { ...ROOM, ...limits[key] } } as Met['welcome'];
      return { welcome } as Met;
    },
  };
}

const tcp = (from: string, to: string): ProbeRequest => ({
  kind: 'tcp',
  from,
  to,
  address: '10.0.0.2',
  ports: { first: 6443, last: 6443 },
  bulk: false,
});

test('machines with room are asked', () => {
  expect(noRoomFor([tcp('a', 'b'), { kind: 'clock', to: 'b' }], withLimits({})).size).toBe(0);
});

test('a full table of connections decides nothing about the network, at either end', () => {
  const requests = [tcp('a', 'b'), tcp('b', 'a'), tcp('b', 'c')];
  const refused = noRoomFor(requests, withLimits({ a: { tracked: 3 } }));
  expect([...refused.keys()]).toEqual(requests.slice(0, 2));
  expect([...refused.values()][0]).toMatchObject({ machine: 'a', detail: expect.stringContaining('nf_conntrack_max') });
});

test('no more neighbours than a table takes', () => {
  const requests = ['b', 'c', 'd', 'e'].map((to) => tcp('a', to));
  const refused = noRoomFor([...requests, tcp('a', 'b')], withLimits({ a: { neighbours: 2 } }));
  expect([...refused.values()].map(({ detail }) => detail)).toEqual(
    Array.from({ length: 2 }, () => expect.stringContaining('gc_thresh3')),
  );
});
