import { contains, network, type Cidr } from '../values/cidr.ts';
import { formatIp, parseIp, type Ip } from '../values/ip.ts';
import type { InterfaceAddress, System } from './system.ts';

/** The addresses of a machine that is only a directory, from the kernel's routing tables in it. */
export async function addressesFromFiles(system: System): Promise<InterfaceAddress[]> {
  const [trie, route, inet6] = await Promise.all([
    system.readTextIfThere('/proc/net/fib_trie'),
    system.readTextIfThere('/proc/net/route'),
    system.readTextIfThere('/proc/net/if_inet6'),
  ]);
  return [...ipv4Addresses(trie ?? '', route ?? ''), ...ipv6Addresses(inet6 ?? '')];
}

/** fib_trie names the local addresses and not their interfaces; the connected route that holds an address names its interface. */
export function ipv4Addresses(trie: string, route: string): InterfaceAddress[] {
  const connected = connectedRoutes(route);
  return localAddresses(trie).flatMap((ip) => {
    if (ip.bits >> 24n === 127n) return [{ name: 'lo', address: formatIp(ip), prefix: 8, family: 4 as const }];
    const home = connected.find(({ net }) => contains(net, ip));
    return home === undefined
      ? []
      : [{ name: home.name, address: formatIp(ip), prefix: home.net.prefix, family: 4 as const }];
  });
}

/** Leaves of the trie marked `host LOCAL`; the file shows the main and the local table, often the same one twice. */
function localAddresses(trie: string): Ip[] {
  const found = new Map<bigint, Ip>();
  let leaf: Ip | null = null;
  for (const line of trie.split('\n')) {
    const address = /\|-- (\S+)/.exec(line);
    if (address?.[1] !== undefined) leaf = parseIp(address[1]);
    else if (leaf !== null && /\/32 host LOCAL/.test(line)) found.set(leaf.bits, leaf);
  }
  return [...found.values()];
}

/** Rows of /proc/net/route without a gateway, longest prefix first. Numbers are hexadecimal in the byte order of the machine (little-endian on both platforms). */
function connectedRoutes(route: string): { name: string; net: Cidr }[] {
  const rows = route
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [name, destination, gateway, , , , , mask] = line.trim().split(/\s+/);
      if (name === undefined || destination === undefined || mask === undefined || gateway !== '00000000') return [];
      const prefix = littleEndian(mask).toString(2).replaceAll('0', '').length;
      return [{ name, net: network({ family: 4, bits: BigInt(littleEndian(destination)) }, prefix) }];
    });
  return rows.filter(({ net }) => net.prefix > 0).sort((a, b) => b.net.prefix - a.net.prefix);
}

function littleEndian(hex: string): number {
  return Buffer.from(hex.padStart(8, '0'), 'hex').readUInt32LE();
}

/** Rows of /proc/net/if_inet6: address, interface index, prefix length, scope, flags, name; all numbers hexadecimal. */
export function ipv6Addresses(inet6: string): InterfaceAddress[] {
  return inet6.split('\n').flatMap((line) => {
    const [hex, , prefix, , , name] = line.trim().split(/\s+/);
    if (hex === undefined || name === undefined || !/^[0-9a-f]{32}$/.test(hex)) return [];
    return [
      {
        name,
        address: formatIp({ family: 6, bits: BigInt(`0x${hex}`) }),
        prefix: Number.parseInt(prefix ?? '80', 16),
        family: 6 as const,
      },
    ];
  });
}
