import type { Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '../system/system.ts';

/** 150 bytes a row: room for 200,000 sockets. */
const LIMIT = 32 * 1024 * 1024;

/** `sl: local:port remote:port …`, numbers hexadecimal, and last the datagrams that found no room: net/ipv4/udp.c, udp4_format_sock(). */
const ROW = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) .* (\d+) *$/gm;

/** Datagrams that came for these ports in /proc/net/udp or udp6 and were lost since the socket's buffer was full. */
export function parseDrops(table: string, ports: ReadonlySet<number>): number {
  let drops = 0;
  for (const [, port = '', dropped] of table.matchAll(ROW))
    if (ports.has(Number.parseInt(port, 16))) drops += Number(dropped);
  return drops;
}

/** All that these sockets of this machine lost so far. */
export async function readDrops(system: System, sockets: readonly Socket[]): Promise<number> {
  const bound = sockets.map((socket) => socket.address());
  const [first] = bound;
  if (first === undefined) return 0;
  const table = await readTable(system, first.family === 'IPv6' ? '/proc/net/udp6' : '/proc/net/udp');
  return parseDrops(table, new Set(bound.map(({ port }) => port)));
}

/** Milliseconds in which others may come to want the same. */
const GATHER_MS = 50;

const coming = new WeakMap<System, Map<string, Promise<string>>>();

/** With thousands of sockets a table takes 0.1 s to read, and nothing else is done meanwhile: jobs that end together share one reading, which begins after they asked. */
function readTable(system: System, path: string): Promise<string> {
  const tables = coming.get(system) ?? new Map<string, Promise<string>>();
  coming.set(system, tables);
  const known = tables.get(path);
  if (known !== undefined) return known;
  const reading = sleep(GATHER_MS).then(() => {
    tables.delete(path);
    return system.readText(path, LIMIT);
  });
  tables.set(path, reading);
  return reading;
}
