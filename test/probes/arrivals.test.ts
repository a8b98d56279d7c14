import { expect, test } from 'vitest';
import { createArrivals } from '../../src/probes/arrivals.ts';
import type { Arrivals } from '../../src/probes/ends.ts';

const all = (['tcp', 'udp'] as const).map((protocol) => ({ protocol, ports: { first: 1, last: 65_535 } }));

function take(
  arrivals: Arrivals,
  protocol: 'tcp' | 'udp',
  port: number,
  more: Partial<Parameters<Arrivals['add']>[0]> = {},
) {
  arrivals.add({
    from: 0,
    protocol,
    address: '10.0.0.2',
    port,
    source: '10.0.0.1',
    form: 'plain',
    number: null,
    ...more,
  });
}

test('neighbours to which the same came share a row', () => {
  const arrivals = createArrivals();
  for (let port = 32_767; port >= 30_000; port--) {
    take(arrivals, 'tcp', port);
    if (port < 31_000) arrivals.answered(0, 'tcp', '10.0.0.2', port);
  }
  take(arrivals, 'tcp', 32_000);
  take(arrivals, 'tcp', 30_500, { from: 3 });
  const rows = arrivals
    .rows(null, all)
    .map(({ from, ports, arrived, answered }) => [from, ports.first, ports.last, arrived, answered]);
  expect(rows).toEqual([
    [0, 30_000, 30_999, 1, 1],
    [0, 31_000, 31_999, 1, 0],
    [0, 32_000, 32_000, 2, 0],
    [0, 32_001, 32_767, 1, 0],
    [3, 30_500, 30_500, 1, 0],
  ]);
});

test('only what is asked for', () => {
  const arrivals = createArrivals();
  for (const port of [10, 11, 20, 30]) take(arrivals, 'udp', port);
  take(arrivals, 'tcp', 10);
  take(arrivals, 'udp', 10, { from: 1 });
  const asked = [
    { protocol: 'udp', ports: { first: 20, last: 25 } },
    { protocol: 'udp', ports: { first: 11, last: 22 } },
    { protocol: 'udp', ports: { first: 40, last: 50 } },
  ] as const;
  expect(arrivals.rows(0, asked).map(({ ports }) => ports.first)).toEqual([11, 20]);
  expect(arrivals.rows(7, all)).toEqual([]);
  expect(arrivals.rows(null, [])).toEqual([]);
});

test('sources that differ keep neighbours apart', () => {
  const arrivals = createArrivals();
  take(arrivals, 'tcp', 10);
  take(arrivals, 'tcp', 11, { source: '10.0.0.254' });
  expect(arrivals.rows(null, all).map(({ source }) => source)).toEqual(['10.0.0.1', '10.0.0.254']);
});

test('datagrams of each form: lost, repeated, out of order', () => {
  const arrivals = createArrivals();
  for (const number of [0, 1, 3, 2, 3, 6]) take(arrivals, 'udp', 10, { number });
  take(arrivals, 'udp', 10, { number: 1, form: 'dressed' });
  expect(arrivals.rows(null, all)).toEqual([
    {
      from: 0,
      protocol: 'udp',
      address: '10.0.0.2',
      ports: { first: 10, last: 10 },
      // A copy is none that arrived: whoever sends it says nothing of the way.
      arrived: 6,
      answered: 0,
      source: '10.0.0.1',
      requests: { sent: 7, came: 5, duplicates: 1, reordered: 1 },
      dressed: { sent: 2, came: 1, duplicates: 0, reordered: 0 },
      likeDressed: null,
    },
  ]);
});

test('numbers without end are not remembered', () => {
  const arrivals = createArrivals();
  for (let number = 0; number < 100_000; number++) take(arrivals, 'udp', 10, { number });
  expect(arrivals.rows(null, all)).toMatchObject([{ arrived: 100_000, requests: { sent: 4_096, came: 4_096 } }]);
});

test('a copy from elsewhere changes nothing', () => {
  const arrivals = createArrivals();
  take(arrivals, 'udp', 10, { number: 0 });
  take(arrivals, 'udp', 10, { number: 0, source: '10.9.9.9' });
  expect(arrivals.rows(null, all)).toMatchObject([{ arrived: 1, source: '10.0.0.1', requests: { duplicates: 1 } }]);
});

test('the same port of two addresses is two', () => {
  const arrivals = createArrivals();
  take(arrivals, 'tcp', 10);
  take(arrivals, 'tcp', 10, { address: 'fd00::2', source: 'fd00::1' });
  expect(arrivals.rows(null, all)).toMatchObject([
    { address: '10.0.0.2', arrived: 1, source: '10.0.0.1' },
    { address: 'fd00::2', arrived: 1, source: 'fd00::1' },
  ]);
});
