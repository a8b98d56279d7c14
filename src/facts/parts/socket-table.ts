import { readTable, readTableIfThere } from '../../system/kernel-table.ts';
import type { System } from '../../system/system.ts';
import { formatIp } from '../../values/ip.ts';
import { perRun } from './per-run.ts';
import { orNull } from './process-names.ts';

/** A row of /proc/net/{tcp,tcp6,udp,udp6}. */
export interface SocketRow {
  readonly protocol: 'tcp' | 'udp';
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
  /** The wildcard and 0 when it is connected to nobody. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** As include/net/tcp_states.h numbers them. */
  readonly state: number;
  readonly uid: number;
  /** 0 when no socket is left, as in TIME_WAIT. */
  readonly inode: number;
}

/** States of a connection that was made: it stands, or one side or both have ended it. */
export const TCP_MADE: readonly number[] = [1, 4, 5, 6, 8, 9, 11];
/** A connection that was asked for, and of which nothing was heard yet. */
export const TCP_SYN_SENT = 2;
/** A connection that the other side asked for, and that its third packet has not opened yet. */
export const TCP_SYN_RECV = 3;
const TCP_CLOSE = 7;
const TCP_LISTEN = 10;

/** 150 bytes a row: room for 800,000 connections. */
const LIMIT = 128 * 1024 * 1024;

/** `sl: local:port remote:port state tx:rx timer:when retransmits uid timeout inode`, numbers but the last three hexadecimal. */
const ROW =
  /^ *\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:[0-9A-F]+ [0-9A-F]+ +(\d+) +-?\d+ +(\d+)/gm;

/** Rows of one table, or those of one state; lines that are none are left out. */
export function parseSocketTable(text: string, protocol: SocketRow['protocol'], only?: readonly number[]): SocketRow[] {
  const rows: SocketRow[] = [];
  // A table is full of the same few addresses.
  const known = new Map<string, string>();
  const addressOf = (hex: string): string => {
    const address = known.get(hex) ?? decodeAddress(hex);
    known.set(hex, address);
    return address;
  };
  for (const [, local = '', port = '', remote = '', remotePort = '', hexState = '', uid, inode] of text.matchAll(ROW)) {
    const state = Number.parseInt(hexState, 16);
    if (only?.includes(state) === false) continue;
    rows.push({
      protocol,
      family: local.length === 8 ? 4 : 6,
      address: addressOf(local),
      port: Number.parseInt(port, 16),
      remoteAddress: addressOf(remote),
      remotePort: Number.parseInt(remotePort, 16),
      state,
      uid: Number(uid),
      inode: Number(inode),
    });
  }
  return rows;
}

/** 32-bit words in the byte order of the machine: little-endian on every platform that seaworthy runs on. */
function decodeAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  bytes.swap32();
  return formatIp({ family: bytes.length === 4 ? 4 : 6, bits: BigInt(`0x${bytes.toString('hex')}`) });
}

/** Listening TCP sockets, and UDP sockets that take datagrams from everybody. */
export function isListening({ protocol, state }: SocketRow): boolean {
  return state === (protocol === 'tcp' ? TCP_LISTEN : TCP_CLOSE);
}

/** Every socket of the machine, as it is now. IPv6 has no tables where the kernel was started without it. */
export async function readSocketsNow(system: System): Promise<SocketRow[]> {
  const [udp, udp6] = await Promise.all([
    readTable(system, '/proc/net/udp', LIMIT),
    readTableIfThere(system, '/proc/net/udp6', LIMIT),
  ]);
  return [...(await readTcpSockets(system)), ...parseSocketTable(udp, 'udp'), ...parseSocketTable(udp6 ?? '', 'udp')];
}

/** TCP sockets alone, or those of some states. */
export async function readTcpSockets(system: System, only?: readonly number[]): Promise<SocketRow[]> {
  const [tcp, tcp6] = await Promise.all([
    readTable(system, '/proc/net/tcp', LIMIT),
    readTableIfThere(system, '/proc/net/tcp6', LIMIT),
  ]);
  return [...parseSocketTable(tcp, 'tcp', only), ...parseSocketTable(tcp6 ?? '', 'tcp', only)];
}

/**
 * Every socket of the machine but those of this process, read once for all facts of a run: what a peer holds open for another run at the same time is not
 * in anybody's way.
 */
export const readSockets = perRun(async (system): Promise<SocketRow[]> => {
  const rows = await readSocketsNow(system);
  const own = system.live ? await ownInodes(system) : new Set();
  return own.size === 0 ? rows : rows.filter(({ inode }) => !own.has(inode));
});

async function ownInodes(system: System): Promise<Set<number>> {
  const fds = (await orNull(system.list('/proc/self/fd'))) ?? [];
  const links = await Promise.all(fds.map((fd) => orNull(system.readLink(`/proc/self/fd/${fd}`))));
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link ?? '')?.[1] ?? []).map(Number));
}
