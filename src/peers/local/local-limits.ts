import { orNull } from '../../facts/parts/process-names.ts';
import type { System } from '../../system/system.ts';
import type { Limits } from '../messages/protocol.ts';

/** Descriptors that are left to everything else: files that are read, control connections. */
const RESERVE = 96;

/** A socket of Node costs 5 to 10 kB: a peer stays below 200 MB however many the kernel would allow. */
const MOST_SOCKETS = 24_576;

/** What this process and this kernel have room for, read before anything is opened. */
export async function readLimits(system: System): Promise<Limits> {
  const [sockets, tracked, neighbours] = await Promise.all([
    roomForSockets(system),
    difference(system, '/proc/sys/net/netfilter/nf_conntrack_max', () =>
      numberIn(system, '/proc/sys/net/netfilter/nf_conntrack_count'),
    ),
    // Only the first network namespace shows it, and its table is that of all of them.
    difference(system, '/proc/sys/net/ipv4/neigh/default/gc_thresh3', async () => neighboursIn(system)),
  ]);
  return { sockets, tracked, neighbours };
}

/** Sockets that this process can open now: its limit, less what it has open, less a reserve. */
export async function roomForSockets(system: System): Promise<number> {
  const [limits, open] = await Promise.all([
    orNull(system.readText('/proc/self/limits')),
    orNull(system.list('/proc/self/fd')),
  ]);
  // Node raises the soft limit to the hard one when it starts.
  const limit = /^Max open files +(\d+|unlimited) /m.exec(limits ?? '')?.[1];
  const most = limit === 'unlimited' ? MOST_SOCKETS : Number(limit ?? 1024);
  return Math.max(0, Math.min(MOST_SOCKETS, most - RESERVE) - (open?.length ?? 0));
}

async function difference(system: System, most: string, taken: () => Promise<number | null>): Promise<number | null> {
  const limit = await numberIn(system, most);
  return limit === null ? null : Math.max(0, limit - ((await taken()) ?? 0));
}

async function numberIn(system: System, path: string): Promise<number | null> {
  const text = await orNull(system.readText(path));
  return text !== null && /^\d+\s*$/.test(text) ? Number(text) : null;
}

async function neighboursIn(system: System): Promise<number | null> {
  const text = await orNull(system.readText('/proc/net/arp'));
  return text === null ? null : Math.max(0, text.trimEnd().split('\n').length - 1);
}
