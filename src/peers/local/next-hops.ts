import * as z from 'zod';
import { SystemError, type System } from '../../system/system.ts';
import { contains } from '../../values/cidr.ts';
import { formatIp, parseIp, type Ip } from '../../values/ip.ts';
import { jsonOf } from '../../values/json.ts';
import { parseRouteRows, parseRouteRows6, type RouteRow } from '../../values/route-rows.ts';

/** Who packets go to next on an interface. */
interface Hop {
  readonly address: string;
  readonly interface: string;
}

/** Of these addresses those that cannot be reached since nobody answers ARP or neighbour discovery: for themselves, or for the gateway that leads to them. */
export async function unresolved(system: System, addresses: readonly string[]): Promise<string[]> {
  const asked = addresses.flatMap((address) => {
    const ip = parseIp(address);
    return ip === null ? [] : [{ address, ip }];
  });
  const families = new Set(asked.map(({ ip }) => ip.family));
  const [failed4, failed6] = await Promise.all([
    families.has(4) ? failedIpv4(system) : [],
    families.has(6) ? failedIpv6(system) : [],
  ]);
  const failed = [...failed4, ...failed6];
  if (failed.length === 0) return [];
  const rows = [
    ...parseRouteRows((await system.readTextIfThere('/proc/net/route')) ?? ''),
    ...parseRouteRows6((await system.readTextIfThere('/proc/net/ipv6_route')) ?? ''),
  ];
  const isFailed = ({ address, ip }: (typeof asked)[number]) => {
    const hop = nextHop(ip, rows);
    // An entry of another link is of somebody else, or of an earlier route; all links have the same few link-local addresses.
    return failed.some((each) =>
      hop === null ? each.address === address : each.address === hop.address && each.interface === hop.interface,
    );
  };
  return asked.filter(isFailed).map(({ address }) => address);
}

/** ATF_COM of <linux/if_arp.h>: the entry has a hardware address. */
const COMPLETE = 0x02;

async function failedIpv4(system: System): Promise<Hop[]> {
  const [, ...rows] = ((await system.readTextIfThere('/proc/net/arp')) ?? '').split('\n');
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([address = '', , flags]) => address !== '' && flags !== undefined && (Number(flags) & COMPLETE) === 0)
    .map(([address = '', , , , , device = '']) => ({ address, interface: device }));
}

/** `ip -j neigh`: ip-neighbour(8). */
const neighbours = () =>
  z.array(z.object({ dst: z.string(), dev: z.string(), state: z.array(z.string()).default([]) }));

/** Asked, and without an answer so far; or given up. */
const UNANSWERED = ['INCOMPLETE', 'FAILED'];

/** Milliseconds for a program that prints a table. */
const LISTING_MS = 2_000;

/** IPv6 has no file that shows its neighbours. Without a program that does none is known to fail. */
async function failedIpv6(system: System): Promise<Hop[]> {
  try {
    const ip = await system.programs.find('ip');
    if (ip === null) return [];
    const signal = AbortSignal.timeout(LISTING_MS);
    const { stdout } = await system.programs.run(ip, ['-j', '-6', 'neigh', 'show'], { signal });
    const { data = [] } = neighbours().safeParse(jsonOf(stdout));
    return data
      .filter(({ state }) => state.some((each) => UNANSWERED.includes(each)))
      .map(({ dst, dev }) => ({ address: dst, interface: dev }));
  } catch (error) {
    if (error instanceof SystemError) return [];
    throw error;
  }
}

/** By the longest prefix, and of equal ones by the smallest metric; null where the main table has no route. */
function nextHop(ip: Ip, rows: readonly RouteRow[]): Hop | null {
  const [best] = rows
    .filter(({ destination }) => destination.family === ip.family && contains(destination, ip))
    .toSorted((a, b) => b.destination.prefix - a.destination.prefix || a.metric - b.metric);
  return best === undefined ? null : { address: formatIp(best.gateway ?? ip), interface: best.interface };
}
