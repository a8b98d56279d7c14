import { formatIp } from '../values/ip.ts';
import { perRun } from './per-run.ts';

/** A row of /proc/net/{tcp,tcp6,udp,udp6}. */
export interface SocketRow {
  readonly protocol: 'tcp' | 'udp';
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
  /** As include/net/tcp_states.h numbers them. */
  readonly state: number;
  readonly uid: number;
  /** 0 when no socket is left, as in TIME_WAIT. */
  readonly inode: number;
}

const TCP_CLOSE = 7;
const TCP_LISTEN = 10;

/** 150 bytes a row: room for 800,000 connections. */
const LIMIT = 128 * 1024 * 1024;

/** `sl: local:port remote:port state tx:rx timer:when retransmits uid timeout inode`, numbers but the last three hexadecimal. */
const ROW =
  /^ *\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:[0-9A-F]+ [0-9A-F]+ +(\d+) +-?\d+ +(\d+)/gm;

/** Rows of one table; lines that are none are left out. */
export function parseSocketTable(text: string, protocol: SocketRow['protocol']): SocketRow[] {
  const rows: SocketRow[] = [];
  for (const [, address = '', port = '', state = '', uid, inode] of text.matchAll(ROW)) {
    rows.push({
      protocol,
      family: address.length === 8 ? 4 : 6,
      address: decodeAddress(address),
      port: Number.parseInt(port, 16),
      state: Number.parseInt(state, 16),
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

/** Every socket of the machine. IPv6 has no tables where the kernel was started without it. */
export const readSockets = perRun(async (system): Promise<SocketRow[]> => {
  const [tcp, udp, tcp6, udp6] = await Promise.all([
    system.readText('/proc/net/tcp', LIMIT),
    system.readText('/proc/net/udp', LIMIT),
    system.readTextIfThere('/proc/net/tcp6', LIMIT),
    system.readTextIfThere('/proc/net/udp6', LIMIT),
  ]);
  return [
    ...parseSocketTable(tcp, 'tcp'),
    ...parseSocketTable(tcp6 ?? '', 'tcp'),
    ...parseSocketTable(udp, 'udp'),
    ...parseSocketTable(udp6 ?? '', 'udp'),
  ];
});
