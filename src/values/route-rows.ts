import { network, type Cidr } from './cidr.ts';
import { isWildcard, type Ip } from './ip.ts';

/** A usable row of the kernel's IPv4 routing table. */
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
