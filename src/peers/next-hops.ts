import type { System } from '../system/system.ts';
import { contains } from '../values/cidr.ts';
import { formatIp, parseIp } from '../values/ip.ts';
import { parseRouteRows, type RouteRow } from '../values/route-rows.ts';

/** ATF_COM of <linux/if_arp.h>: the entry has a hardware address. IPv6 has no such table. */
const COMPLETE = 0x02;

/** Of these addresses those that cannot be reached since nobody answers ARP: for themselves, or for the gateway that leads to them. */
export async function unresolved(system: System, addresses: readonly string[]): Promise<string[]> {
  const failed = await failedNeighbours(system);
  if (failed.size === 0) return [];
  const rows = parseRouteRows((await system.readTextIfThere('/proc/net/route')) ?? '');
  return addresses.filter((address) => failed.has(address) || failed.has(gatewayOf(address, rows) ?? ''));
}

async function failedNeighbours(system: System): Promise<Set<string>> {
  const [, ...rows] = ((await system.readTextIfThere('/proc/net/arp')) ?? '').split('\n');
  const failed = rows
    .map((row) => row.split(/\s+/))
    .filter(([address = '', , flags]) => address !== '' && flags !== undefined && (Number(flags) & COMPLETE) === 0)
    .map(([address = '']) => address);
  return new Set(failed);
}

/** By the longest prefix, and of equal ones by the smallest metric. */
function gatewayOf(address: string, rows: readonly RouteRow[]): string | null {
  const ip = parseIp(address);
  if (ip?.family !== 4) return null;
  const [best] = rows
    .filter(({ destination }) => contains(destination, ip))
    .toSorted((a, b) => b.destination.prefix - a.destination.prefix || a.metric - b.metric);
  return best?.gateway == null ? null : formatIp(best.gateway);
}
