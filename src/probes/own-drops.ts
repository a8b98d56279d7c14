import type { Socket } from 'node:dgram';
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
  const table = await system.readText(first.family === 'IPv6' ? '/proc/net/udp6' : '/proc/net/udp', LIMIT);
  return parseDrops(table, new Set(bound.map(({ port }) => port)));
}
