import type { Counted } from '../evidence/reach.ts';
import type { PortRange } from '../values/port-range.ts';
import type { ArrivalRow, Arrivals } from './ends.ts';
import { countedTheSame, mergeNeighbours } from './merge.ts';

/** Numbers of datagrams from here on are counted as arrived, and no more is remembered of them. */
const NUMBERS_KEPT = 4_096;

/** Datagrams of one form from one sender to one port. */
interface Numbers {
  readonly seen: Set<number>;
  highest: number;
  duplicates: number;
  reordered: number;
}

/** What came from one sender to one port. */
interface Tally {
  arrived: number;
  answered: number;
  source: string | null;
  plain: Numbers | null;
  dressed: Numbers | null;
  likeDressed: Numbers | null;
}

const FORMS = { plain: 'plain', dressed: 'dressed', 'like-dressed': 'likeDressed' } as const;

type ByPort = Map<number, Tally>;

/** What one sender reached, by listener: the same port of two addresses is two. */
interface Reached {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly ports: ByPort;
}

/** It grows with the members that were heard and the ports that they reached, never with the number of their packets. */
export function createArrivals(): Arrivals {
  const heard = new Map<number, Map<string, Reached>>();

  function tallyOf(from: number, protocol: 'tcp' | 'udp', address: string, port: number): Tally {
    let reached = heard.get(from);
    if (reached === undefined) heard.set(from, (reached = new Map()));
    const key = `${protocol} ${address}`;
    let place = reached.get(key);
    if (place === undefined) reached.set(key, (place = { protocol, address, ports: new Map() }));
    let tally = place.ports.get(port);
    if (tally === undefined) {
      tally = { arrived: 0, answered: 0, source: null, plain: null, dressed: null, likeDressed: null };
      place.ports.set(port, tally);
    }
    return tally;
  }

  return {
    add({ from, protocol, address, port, source, form, number }) {
      const tally = tallyOf(from, protocol, address, port);
      // A copy, whoever sends it, says nothing of the way of the first one.
      const isCopy =
        number !== null &&
        note((tally[FORMS[form]] ??= { seen: new Set(), highest: -1, duplicates: 0, reordered: 0 }), number);
      if (isCopy) return;
      tally.arrived++;
      tally.source = source;
    },
    answered(from, protocol, address, port) {
      tallyOf(from, protocol, address, port).answered++;
    },
    rows(from, asked) {
      const senders = from === null ? [...heard.keys()] : [from];
      return senders.flatMap((sender) =>
        [...(heard.get(sender)?.values() ?? [])].flatMap(({ protocol, address, ports }) => {
          const ranges = asked.filter((each) => each.protocol === protocol).map((each) => each.ports);
          return rowsOf({ from: sender, protocol, address }, ports, ranges);
        }),
      );
    },
  };
}

/** Whether it is a copy of one that came before. */
function note(numbers: Numbers, number: number): boolean {
  if (number >= NUMBERS_KEPT) return false;
  if (numbers.seen.has(number)) {
    numbers.duplicates++;
    return true;
  }
  numbers.seen.add(number);
  if (number < numbers.highest) numbers.reordered++;
  else numbers.highest = number;
  return false;
}

function counted(numbers: Numbers | null): Counted | null {
  if (numbers === null) return null;
  const { seen, highest, duplicates, reordered } = numbers;
  return { sent: highest + 1, came: seen.size, duplicates, reordered };
}

function rowsOf(
  of: Pick<ArrivalRow, 'from' | 'protocol' | 'address'>,
  tallies: ByPort,
  ranges: readonly PortRange[],
): ArrivalRow[] {
  const rows = within(tallies, ranges).map(([port, tally]): [number, Omit<ArrivalRow, 'ports'>] => {
    const { arrived, answered, source, plain, dressed, likeDressed } = tally;
    const datagrams = { requests: counted(plain), dressed: counted(dressed), likeDressed: counted(likeDressed) };
    return [port, { ...of, arrived, answered, source, ...datagrams }];
  });
  return mergeNeighbours(rows, alike).map(({ ports, value }) => ({ ...value, ports }));
}

/** Those whose port lies in one of the ranges, in ascending order. */
function within(tallies: ByPort, ranges: readonly PortRange[]): [port: number, tally: Tally][] {
  const rising = ranges.toSorted((a, b) => a.first - b.first);
  let place = 0;
  return [...tallies]
    .sort(([a], [b]) => a - b)
    .filter(([port]) => {
      while (port > (rising[place]?.last ?? Infinity)) place++;
      return port >= (rising[place]?.first ?? Infinity);
    });
}

function alike(one: Omit<ArrivalRow, 'ports'>, other: Omit<ArrivalRow, 'ports'>): boolean {
  return (
    one.arrived === other.arrived &&
    one.answered === other.answered &&
    one.source === other.source &&
    countedTheSame(one.requests, other.requests) &&
    countedTheSame(one.dressed, other.dressed) &&
    countedTheSame(one.likeDressed, other.likeDressed)
  );
}
