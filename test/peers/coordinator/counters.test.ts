import { expect, test } from 'vitest';
import { lostAt, movedBy, notLetOut, type Counted } from '../../../src/peers/coordinator/counters.ts';
import type { Counters, Sight } from '../../../src/peers/messages/protocol.ts';

const NONE: Counters = {
  inReceives: 100,
  inDelivers: 100,
  outRequests: 50,
  outTransmits: 50,
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

const sight = (moved: Partial<Counters>): Sight => ({
  arrivals: [],
  connections: [],
  counters: { 4: { ...NONE, ...moved }, 6: null },
  neighboursFailed: [],
  open: [],
  lagMs: 0,
});

const around = (after: Partial<Counters>, quiet: Partial<Counters> | null = {}): Counted => ({
  quiet: quiet === null ? null : sight(quiet),
  before: sight({}),
  after: sight(after),
});

test.each([
  ['nothing came in', { inReceives: 102 }, false, 'before-peer'],
  ['it came in and was not handed on', { inReceives: 104, inDelivers: 101 }, false, 'peer-input'],
  ['as much came in as was sent, and was handed on', { inReceives: 103, inDelivers: 103 }, false, 'unknown'],
  ['the answers were not let out', { outRequests: 53 }, true, 'peer-output'],
  ['the answers left', { outRequests: 53, outTransmits: 53 }, true, 'after-peer'],
] as const)('where three packets are lost: %s', (_, after, arrived, where) => {
  expect(lostAt(around(after), 4, 3, arrived)).toBe(where);
});

test('a kernel without the counter, or one that moves by itself, tells nothing', () => {
  expect(lostAt(around({ outRequests: 53, outTransmits: null }), 4, 3, true)).toBe('unknown');
  expect(lostAt(around({ inReceives: 104, inDelivers: 101 }, { inReceives: 97 }), 4, 3, false)).toBe('unknown');
  expect(lostAt(around({ inReceives: 104, inDelivers: 101 }, null), 4, 3, false)).toBe('unknown');
  expect(lostAt(around({}), 6, 3, true)).toBe('unknown');
});

test('a counter that did not move proves that nothing was counted, quiet or not', () => {
  expect(movedBy(around({}, null), 4, notLetOut)).toBe(0);
  expect(movedBy(around({ outRequests: 52 }, null), 4, notLetOut)).toBeNull();
  expect(movedBy(around({ outRequests: 52 }), 4, notLetOut)).toBe(2);
});
