import { ipv6Addresses } from '../../system/addresses-from-files.ts';
import type { System } from '../../system/system.ts';
import { formatCidr, network, type Cidr } from '../../values/cidr.ts';
import { formatIp, isLinkLocal, isLoopback, parseIp, type Ip } from '../../values/ip.ts';
import { parseMac } from '../../values/mac.ts';
import { parseRouteRows, parseRouteRows6 } from '../../values/route-rows.ts';

/** What a pod has, as the kernel tells whoever may look into its network namespace. Nothing of the loopback interface. */
export interface PodNetwork {
  readonly interfaces: readonly PodInterface[];
  readonly addresses: readonly PodAddress[];
  readonly routes: readonly PodRoute[];
}

interface PodInterface {
  readonly name: string;
  /** Null for a device without one of 48 bits. */
  readonly mac: string | null;
  /** Bytes. */
  readonly mtu: number | null;
}

interface PodAddress {
  readonly ip: Ip;
  /** What the prefix length may be, likeliest first: the kernel shows that of an IPv4 address by its broadcast address, which has none from /31 on. */
  readonly prefixes: readonly [number, ...number[]];
}

/** Of any table. */
interface PodRoute {
  readonly destination: Cidr;
  /** Null where packets go straight out; undefined where the table is not shown. */
  readonly gateway: Ip | null | undefined;
}

/** @param pid A process of the pod that sees the pod's own /sys. Throws a SystemError. */
export async function readPodNetwork(system: System, pid: number): Promise<PodNetwork> {
  const tables = `/proc/${pid}/net`;
  const [interfaces, trie, route, inet6, route6] = await Promise.all([
    readInterfaces(system, `/proc/${pid}/root/sys/class/net`),
    system.readText(`${tables}/fib_trie`),
    system.readText(`${tables}/route`),
    // A kernel without IPv6 has neither.
    system.readTextIfThere(`${tables}/if_inet6`),
    system.readTextIfThere(`${tables}/ipv6_route`),
  ]);
  return { interfaces, ...parsePodTables({ trie, route, inet6: inet6 ?? '', route6: route6 ?? '' }) };
}

/** Files of /proc/net. */
export interface PodTables {
  readonly trie: string;
  readonly route: string;
  readonly inet6: string;
  readonly route6: string;
}

export function parsePodTables({ trie, route, inet6, route6 }: PodTables): Pick<PodNetwork, 'addresses' | 'routes'> {
  const leaves = parseTrie(trie);
  const isOwn = ({ type, prefix, ip }: Leaf) => type === 'LOCAL' && prefix === 32 && !isLoopback(ip);
  const ipv4 = leaves.filter(isOwn).map(({ ip }): PodAddress => ({ ip, prefixes: possiblePrefixes(ip, leaves) }));
  const ipv6 = ipv6Addresses(inet6).flatMap(({ address, prefix }): PodAddress[] => {
    const ip = parseIp(address);
    return ip === null || isLoopback(ip) ? [] : [{ ip, prefixes: [prefix] }];
  });
  return { addresses: [...ipv4, ...ipv6], routes: [...ipv4Routes(leaves, route), ...parseRouteRows6(route6)] };
}

/** With their prefix lengths, without those that are only of the link. */
export function addressesOf({ addresses }: Pick<PodNetwork, 'addresses'>): string[] {
  return addresses.flatMap(({ ip, prefixes: [prefix] }) => (isLinkLocal(ip) ? [] : `${formatIp(ip)}/${prefix}`));
}

async function readInterfaces(system: System, directory: string): Promise<PodInterface[]> {
  const names = (await system.list(directory)).filter((name) => name !== 'lo' && name !== 'bonding_masters');
  return Promise.all(
    names.map(async (name) => {
      const [mac, mtu] = await Promise.all(
        ['address', 'mtu'].map((file) => system.readTextIfThere(`${directory}/${name}/${file}`)),
      );
      return { name, mac: parseMac(mac ?? ''), mtu: mtu == null ? null : Number(mtu.trim()) };
    }),
  );
}

interface Leaf {
  readonly ip: Ip;
  readonly prefix: number;
  readonly type: string;
}

/** Leaves of /proc/net/fib_trie, which has all IPv4 tables; where the main and the local table are one it is shown twice. */
function parseTrie(trie: string): Leaf[] {
  const found = new Map<string, Leaf>();
  let ip: Ip | null = null;
  for (const line of trie.split('\n')) {
    const [, leaf] = /\|-- (\d{1,3}(?:\.\d{1,3}){3})$/.exec(line.trimEnd()) ?? [];
    const [, prefix, type] = /^\s*\/(\d{1,2}) \S+ ([A-Z]+)/.exec(line) ?? [];
    if (leaf !== undefined) ip = parseIp(leaf);
    if (ip === null || prefix === undefined || type === undefined || Number(prefix) > 32) continue;
    found.set(`${ip.bits}/${prefix} ${type}`, { ip, prefix: Number(prefix), type });
  }
  return [...found.values()];
}

/** Every IPv4 address of a network of at least four has that network's broadcast address beside it, and mostly a route to the network. */
function possiblePrefixes(ip: Ip, leaves: readonly Leaf[]): PodAddress['prefixes'] {
  const has = (type: string, { base }: Cidr, length = 32) =>
    leaves.some((leaf) => leaf.type === type && leaf.ip.bits === base && leaf.prefix === length);
  const last = (prefix: number): Ip => ({ family: 4, bits: ip.bits | ((1n << BigInt(32 - prefix)) - 1n) });
  const [likely, ...others] = Array.from({ length: 31 }, (_, prefix) => prefix)
    .filter((prefix) => has('BROADCAST', network(last(prefix), 32)) && !isLoopback(last(prefix)))
    .sort((a, b) => Number(has('UNICAST', network(ip, b), b)) - Number(has('UNICAST', network(ip, a), a)) || a - b);
  if (likely !== undefined) return [likely, ...others];
  return has('UNICAST', network(ip, 31), 31) ? [31, 32] : [32, 31];
}

function ipv4Routes(leaves: readonly Leaf[], route: string): PodRoute[] {
  const main = parseRouteRows(route);
  const inMain = new Set(main.map(({ destination }) => formatCidr(destination)));
  const others = leaves.flatMap(({ ip, prefix, type }) => {
    const destination = network(ip, prefix);
    return type !== 'UNICAST' || inMain.has(formatCidr(destination)) ? [] : [{ destination, gateway: undefined }];
  });
  return [...main, ...others];
}
