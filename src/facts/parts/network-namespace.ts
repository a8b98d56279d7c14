import type { InterfaceAddress, System } from '../../system/system.ts';

interface Seen {
  readonly name: string;
  readonly index: number;
  readonly mac: string | null;
}

/**
 * /proc/net and sockets are of the process's own namespace, /sys/class/net of whoever mounted /sys: with `nsenter --net` alone, or
 * in a container that looks at its host's /sys, they are of two. Tells whether names, indexes and hardware addresses agree.
 */
export async function showsOwnNamespace(
  system: System,
  links: readonly Seen[],
  addresses: readonly InterfaceAddress[],
): Promise<boolean> {
  const [dev, inet6, igmp] = await Promise.all([
    system.readTextIfThere('/proc/net/dev'),
    system.readTextIfThere('/proc/net/if_inet6'),
    system.readTextIfThere('/proc/net/igmp'),
  ]);
  const seen = new Map(links.map((link) => [link.name, link]));
  if (dev !== null) {
    const names = namesInDev(dev);
    if (names.length !== links.length || names.some((name) => !seen.has(name))) return false;
  }
  const indexes = [...indexesInInet6(inet6 ?? ''), ...indexesInIgmp(igmp ?? '')];
  if (indexes.some(([name, index]) => seen.get(name)?.index !== index)) return false;
  return addresses.every(({ name, mac }) => {
    const shown = seen.get(name)?.mac ?? null;
    return mac === undefined || shown === null || shown === mac.toLowerCase();
  });
}

/** Two lines of heading, then `  name: counters`. */
function namesInDev(dev: string): string[] {
  return dev.split('\n').flatMap((line) => /^\s*([^\s:|]+):/.exec(line)?.[1] ?? []);
}

function indexesInInet6(inet6: string): [string, number][] {
  return inet6.split('\n').flatMap((line) => {
    const [, index, , , , name] = line.trim().split(/\s+/);
    return index === undefined || name === undefined ? [] : [[name, Number.parseInt(index, 16)]];
  });
}

/** `3	eth0      :     1      V3`, and lines of groups below, which begin with a tabulator. */
function indexesInIgmp(igmp: string): [string, number][] {
  return [...igmp.matchAll(/^(\d+)\s+(\S+?)\s*:/gm)].map(([, index, name]) => [name ?? '', Number(index)]);
}
