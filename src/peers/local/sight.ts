import { TCP_MADE, TCP_SYN_RECV, readTcpSockets } from '../../facts/parts/socket-table.ts';
import { readKernelCounters } from '../../probes/kernel-counters.ts';
import type { Run } from '../../probes/ends.ts';
import type { System } from '../../system/system.ts';
import { formatIp, parseIp, unmapped } from '../../values/ip.ts';
import { inRange, toRanges } from '../../values/port-range.ts';
import { unresolved } from './next-hops.ts';
import type { Opening, RequestOf, Sight } from '../messages/protocol.ts';

/** The most that an answer may carry: protocol.ts. */
const MOST_CONNECTIONS = 100_000;
const MOST_NEIGHBOURS = 10_000;

type Question = RequestOf<'look'>;

/** What this machine sees of a run now: what came, and what its kernel shows beside that. */
export async function lookAround(
  system: System,
  run: Run,
  { from, ports, connections: wanted }: Question,
  open: readonly Opening[],
  lagMs: number,
): Promise<Sight> {
  // Arrivals last: what comes while the tables are read is not missing then.
  const [rows, counters, neighboursFailed] = await Promise.all([
    wanted ? connectionsOn(system, ports) : [],
    readKernelCounters(system),
    wanted
      ? unresolved(
          system,
          run.members.flatMap(({ addresses }) => addresses),
        )
      : [],
  ]);
  const place = from === null ? null : run.members.findIndex(({ key }) => key === from);
  return {
    arrivals:
      place === -1
        ? []
        : run.arrivals.rows(place, ports).map((row) => ({ ...row, from: run.members[row.from]?.key ?? '' })),
    connections: rows,
    counters,
    neighboursFailed: neighboursFailed.slice(0, MOST_NEIGHBOURS),
    open: [...open],
    lagMs,
  };
}

/**
 * Connections that were made, and those whose request arrived and whose third packet has not: rows of request sockets, which accept() does not know.
 */
async function connectionsOn(system: System, ports: Question['ports']): Promise<Sight['connections']> {
  const asked = ports.filter(({ protocol }) => protocol === 'tcp').map((each) => each.ports);
  if (asked.length === 0) return [];
  const rows = await readTcpSockets(system, [TCP_SYN_RECV, ...TCP_MADE]);
  return rows
    .filter(({ port }) => asked.some((range) => inRange(range, port)))
    .slice(0, MOST_CONNECTIONS)
    .map(({ port, remoteAddress, remotePort, state }) => ({
      port,
      remoteAddress: plain(remoteAddress),
      remotePort,
      halfOpen: state === TCP_SYN_RECV,
    }));
}

/** IPv4 comes as such, whatever kind of socket listens. */
function plain(address: string): string {
  const ip = parseIp(address);
  return ip === null ? address : formatIp(unmapped(ip));
}

/** Ports as ranges, in ascending order of each protocol and address. */
export function asOpenings(ports: readonly { protocol: 'tcp' | 'udp'; address: string; port: number }[]): Opening[] {
  const byPlace = Map.groupBy(ports, ({ protocol, address }) => `${protocol} ${address}`);
  return [...byPlace.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { protocol, address } = first;
    return toRanges(group.map(({ port }) => port)).map((range) => ({ protocol, address, ports: range }));
  });
}
