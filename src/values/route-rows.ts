import { network, type Cidr } from './cidr.ts';
import { isWildcard, type Ip } from './ip.ts';

/** A usable row of the kernel's routing table. */
export interface RouteRow {
  readonly interface: string;
  readonly destination: Cidr;
  readonly gateway: Ip | null;
  readonly metric: number;
}

/** linux/route.h */
const RTF_UP = 0x1;
const RTF_REJECT = 0x200;

/**
 * Rows of /proc/net/route: interface, destination, gateway, flags, two counters, metric, mask. Numbers are hexadecimal, addresses in the
 * byte order of the machine (little-endian on both platforms), the metric is decimal. What is down or rejects is left out.
 */
export function parseRouteRows(text: string): RouteRow[] {
  return text.split('\n').flatMap((line) => {
    const [name, destination, gateway, flags, , , metric, mask] = line.trim().split(/\s+/);
    if (name === undefined || !/^[0-9a-f]{1,8}$/i.test(flags ?? '') || !/^\d{1,10}$/.test(metric ?? '')) return [];
    const bits = Number.parseInt(flags ?? '', 16);
    const [base, via, cover] = [destination, gateway, mask].map(littleEndian);
    if (base == null || via == null || cover == null || (bits & RTF_UP) === 0 || (bits & RTF_REJECT) !== 0) return [];
    const prefix = cover.bits.toString(2).replaceAll('0', '').length;
    return [
      {
        interface: name,
        destination: network(base, prefix),
        gateway: isWildcard(via) ? null : via,
        metric: Number(metric),
      },
    ];
  });
}

function littleEndian(text: string | undefined): Ip | null {
  if (text === undefined || !/^[0-9a-f]{8}$/i.test(text)) return null;
  return { family: 4, bits: BigInt(Buffer.from(text, 'hex').readUInt32LE()) };
}

/** linux/ipv6_route.h */
const RTF_CACHE = 0x0100_0000n;
const RTF_ANYCAST = 0x0010_0000n;
const RTF_LOCAL = 0x8000_0000n;
const RTF_ADDRCONF = 0x0004_0000n;
const UNUSABLE = BigInt(RTF_REJECT) | RTF_CACHE | RTF_ANYCAST | RTF_LOCAL;

export interface RouteRow6 extends RouteRow {
  /** A router told it. */
  readonly advertised: boolean;
}

/**
 * Rows of /proc/net/ipv6_route: destination, its prefix, source, its prefix, next hop, metric, uses, references, flags, interface; all
 * hexadecimal. What is down, rejects, is local or multicast is left out.
 */
export function parseRouteRows6(text: string): RouteRow6[] {
  return text.split('\n').flatMap((line) => {
    const [destination, prefix, , , gateway, metric, , , flags, name] = line.trim().split(/\s+/);
    if (name === undefined || name === 'lo' || !/^[0-9a-f]{1,8}$/i.test(flags ?? '')) return [];
    const bits = BigInt(`0x${flags}`);
    if ((bits & BigInt(RTF_UP)) === 0n || (bits & UNUSABLE) !== 0n) return [];
    const base = hex128(destination);
    const via = hex128(gateway);
    if (base === null || via === null || !/^[0-9a-f]{2}$/.test(prefix ?? '') || !/^[0-9a-f]{8}$/.test(metric ?? ''))
      return [];
    const length = Number.parseInt(prefix ?? '', 16);
    const isMulticast = base.bits >> 120n === 0xffn;
    if (length > 128 || isMulticast) return [];
    return [
      {
        interface: name,
        destination: network(base, length),
        gateway: isWildcard(via) ? null : via,
        metric: Number.parseInt(metric ?? '', 16),
        advertised: (bits & RTF_ADDRCONF) !== 0n,
      },
    ];
  });
}

function hex128(text: string | undefined): Ip | null {
  return text !== undefined && /^[0-9a-f]{32}$/i.test(text) ? { family: 6, bits: BigInt(`0x${text}`) } : null;
}
