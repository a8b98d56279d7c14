import { expect, test } from 'vitest';
import type { Bulk, Reach, SenderSaw } from '../../../src/evidence/reach.ts';
import { confirmBulk } from '../../../src/peers/coordinator/confirm-bulk.ts';
import type { Members } from '../../../src/peers/coordinator/members.ts';
import { SCHEMAS } from '../../../src/peers/messages/message-schemas.ts';

const ports = { first: 10_250, last: 10_250 };
const request = { kind: 'tcp', from: 'a', to: 'b', address: '10.0.0.2', ports, bulk: true } as const;
const piece = { request, ports };
const saw: SenderSaw = {
  outcome: 'answered',
  errno: null,
  waitedMs: 1,
  rttMs: 1,
  sent: 1,
  address: '10.0.0.1',
  atOnce: false,
  answeredBy: 'b',
  spoken: false,
  heldBack: null,
  neighbour: null,
  answers: null,
  dressed: null,
  likeDressed: null,
};
const open: Reach = { ports, sender: saw, receiver: null, attempts: 1, undecided: null };
const stood: Bulk = { port: 10_250, bytes: 200_000, arrived: 0, returned: 0, ms: 3_000, stalled: true };
const passed: Bulk = { ...stood, arrived: 200_000, returned: 200_000, ms: 10, stalled: false };
const counters = {
  inReceives: 0,
  inDelivers: 0,
  outRequests: 0,
  outTransmits: 0,
  embryonicResets: 0,
  listenDrops: 0,
  deferred: 0,
  cookiesSent: 0,
  retransmitFailures: 0,
  refusals: 0,
  forwarded: 0,
  addressErrors: 0,
  noRoutes: 0,
  reversePathFiltered: 0,
};

/** Two machines that answer a second look so; the receiver did not come to its sockets for `lagMs`. */
function members(bulk: Bulk | null, lagMs: number): Members & { readonly asked: string[] } {
  const asked: string[] = [];
  const answers: Record<string, unknown> = {
    send: { results: [{ kind: 'reach', reaches: [{ ports, saw }], bulk, held: [] }], lagMs: 0 },
    look: {
      arrivals: [],
      connections: [],
      counters: { 4: counters, 6: null },
      neighboursFailed: [],
      open: [{ protocol: 'tcp', address: request.address, ports }],
      lagMs,
    },
    release: {},
  };
  return {
    asked,
    keys: ['a', 'b'],
    of: () => null,
    lost: () => null,
    leave: () => Promise.resolve(),
    call: (_key, message) => {
      asked.push(message);
      return Promise.resolve(SCHEMAS[message].answer.parse(answers[message]));
    },
  };
}

function confirming(second: Bulk | null, lagMs: number) {
  const own = members(second, lagMs);
  const openedOf = () => [
    { protocol: 'tcp' as const, address: request.address, ports, listener: 'ours' as const, detail: null },
  ];
  const pacing = { inFlight: 8, silenceMs: 1_500, attempts: 1 };
  const { signal } = new AbortController();
  const context = { members: own, run: '0123456789abcdef', openedOf, pacing, exclusive: true, signal };
  return { own, told: confirmBulk(piece, [open], stood, context) };
}

test('what stood still among much else and passes alone is open', async () => {
  expect(await confirming(passed, 0).told).toEqual({ reaches: [open], bulk: passed });
});

test('what stands still again between machines that are in time is a black hole', async () => {
  const { own, told } = confirming(stood, 0);
  expect(await told).toEqual({ reaches: [open], bulk: stood });
  expect(own.asked.filter((message) => message === 'send')).toHaveLength(1);
});

test('of machines that are too loaded nothing is said, after several looks', async () => {
  const { own, told } = confirming(stood, 2_000);
  expect(await told).toEqual({
    reaches: [{ ...open, undecided: 'the machines were too loaded to tell' }],
    bulk: null,
  });
  expect(own.asked.filter((message) => message === 'send').length).toBeGreaterThan(1);
});

test('a port that does not answer any more is undecided', async () => {
  const { bulk, reaches } = await confirming(null, 0).told;
  expect(bulk).toBe(null);
  expect(reaches[0]?.undecided).toContain('could not be carried again');
});
