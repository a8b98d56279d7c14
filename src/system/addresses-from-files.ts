import { contains, type Cidr } from '../values/cidr.ts';
import { formatIp, parseIp, type Ip } from '../values/ip.ts';
import { parseRouteRows, type RouteRow } from '../values/route-rows.ts';
import { readTable, readTableIfThere } from './kernel-table.ts';
import type { InterfaceAddress, System } from './system.ts';

/** The addresses of a machine that is only a directory, from the kernel's routing tables in it. */
export async function addressesFromFiles(system: System): Promise<InterfaceAddress[]> {
  const [trie, route, inet6] = await Promise.all([
    // Not there, they do not say that there is no address. A kernel without IPv6 has no if_inet6.
    readTable(system, '/proc/net/fib_trie'),
    readTable(system, '/proc/net/route'),
    readTableIfThere(system, '/proc/net/if_inet6'),
  ]);
  return [...ipv4Addresses(trie, route), ...ipv6Addresses(inet6 ?? '')];
}

/**
 * fib_trie names the local addresses and not their interfaces; the connected route that holds an address names its interface. An
 * address without such a route (a /32 as clouds give it) is that of the uplink, if it is the only one.
 */
export function ipv4Addresses(trie: string, route: string): InterfaceAddress[] {
  const rows = parseRouteRows(route);
  const connected = rows
    .filter(({ gateway, destination }) => gateway === null && destination.prefix > 0 && destination.prefix < 32)
    .sort((a, b) => b.destination.prefix - a.destination.prefix);
  const homes = localAddresses(trie).map((ip) => ({ ip, home: homeOf(ip, connected) }));
  const homeless = homes.filter(({ home }) => home === null);
  const uplink = homeless.length === 1 ? pointToPointUplink(rows, homes) : null;
  return homes.flatMap(({ ip, home }) => {
    const found = home ?? (uplink === null ? null : { name: uplink, prefix: 32 });
    return found === null ? [] : [{ ...found, address: formatIp(ip), family: 4 as const }];
  });
}

interface Home {
  readonly name: string;
  readonly prefix: number;
}

function homeOf(ip: Ip, connected: readonly RouteRow[]): Home | null {
  if (ip.bits >> 24n === 127n) return { name: 'lo', prefix: 8 };
  const row = connected.find(({ destination }) => contains(destination, ip));
  return row === undefined ? null : { name: row.interface, prefix: row.destination.prefix };
}

/** The interface of a default route whose gateway has a host route there, and that has no address yet. */
function pointToPointUplink(rows: readonly RouteRow[], homes: readonly { home: Home | null }[]): string | null {
  const isHostRoute = ({ prefix }: Cidr) => prefix === 32;
  const found = rows.find(
    ({ destination, gateway, interface: name }) =>
      destination.prefix === 0 &&
      gateway !== null &&
      homes.every(({ home }) => home?.name !== name) &&
      rows.some(
        (each) => each.interface === name && isHostRoute(each.destination) && contains(each.destination, gateway),
      ),
  );
  return found?.interface ?? null;
}

/** Leaves of the trie marked `host LOCAL`; the file shows the main and the local table, often the same one twice. */
function localAddresses(trie: string): Ip[] {
  const found = new Map<bigint, Ip>();
  let leaf: Ip | null = null;
  for (const line of trie.split('\n')) {
    const address = /\|-- (\d{1,3}(?:\.\d{1,3}){3})$/.exec(line.trimEnd());
    if (address?.[1] !== undefined) leaf = parseIp(address[1]);
    else if (leaf !== null && /\/32 host LOCAL/.test(line)) found.set(leaf.bits, leaf);
  }
  return [...found.values()];
}

/** Rows of /proc/net/if_inet6: address, interface index, prefix length, scope, flags, name; all numbers hexadecimal. */
export function ipv6Addresses(inet6: string): InterfaceAddress[] {
  return inet6.split('\n').flatMap((line) => {
    const [hex, , length, , , name] = line.trim().split(/\s+/);
    if (hex === undefined || name === undefined || !/^[0-9a-f]{32}$/.test(hex)) return [];
    const prefix = /^[0-9a-f]{2}$/.test(length ?? '') ? Number.parseInt(length ?? '', 16) : 128;
    if (prefix > 128) return [];
    return [{ name, address: formatIp({ family: 6, bits: BigInt(`0x${hex}`) }), prefix, family: 6 as const }];
  });
}
