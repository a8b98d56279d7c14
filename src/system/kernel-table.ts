import { SystemError, type System } from './system.ts';

/**
 * How files of the kernel begin that have rows to show, also when there are none. One that begins otherwise, or is empty, is a copy that
 * went wrong (tar takes what is below /proc for empty files): it says nothing, which is not the same as no rows.
 */
const BEGINS = {
  '/proc/net/tcp': /^ *sl +local_address /,
  '/proc/net/tcp6': /^ *sl +local_address /,
  '/proc/net/udp': /^ *sl +local_address /,
  '/proc/net/udp6': /^ *sl +local_address /,
  '/proc/net/route': /^Iface\s/,
  '/proc/net/fib_trie': /^(?:Main|Local|Id \d+):/,
  // These two have no header, and no rows on a machine without IPv6.
  '/proc/net/ipv6_route': /^(?:[0-9a-f]{32} [0-9a-f]{2} |$)/,
  '/proc/net/if_inet6': /^(?:[0-9a-f]{32} |$)/,
  '/proc/swaps': /^Filename\s/,
  '/proc/cgroups': /^#subsys_name\s/,
  '/proc/meminfo': /^MemTotal:/m,
} as const;

type Table = keyof typeof BEGINS;

/** @throws SystemError `error` for what no kernel writes, besides what reading throws. */
export async function readTable(system: System, path: Table, limit?: number): Promise<string> {
  return asTable(system, path, await system.readText(path, limit));
}

/** Null where there is no such file: a kernel without IPv6, without swap. */
export async function readTableIfThere(system: System, path: Table, limit?: number): Promise<string | null> {
  const text = await system.readTextIfThere(path, limit);
  return text === null ? null : asTable(system, path, text);
}

function asTable(system: System, path: Table, text: string): string {
  // A network namespace without any route has no routing table yet, and shows nothing of it.
  const isNew = system.live && text === '';
  if (!isNew && !BEGINS[path].test(text))
    throw new SystemError('error', `${path}: it is not what a kernel shows there`);
  return text;
}
