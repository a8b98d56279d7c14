import type { PathMtuResult } from '../evidence/probes.ts';
import type { System } from '../system/system.ts';
import type { Pace, Run } from './ends.ts';
import { findMember } from './mtu-member.ts';
import { createMtuPath, Unmeasurable, type Fate, type MtuPath } from './mtu-path.ts';

export interface PathMtuJob {
  /** Key of the member whose listener answers. */
  readonly to: string;
  readonly address: string;
  /** UDP ports to try. */
  readonly ports: readonly number[];
  /** Bytes of the IP packet that is tried first. */
  readonly ceiling: number;
}

/** What every network carries: RFC 791 for IPv4, RFC 8200 section 5 for IPv6. */
const FLOOR = { 4: 576, 6: 1_280 } as const;

/** A size fails when so many of its datagrams do, and the sizes that the result rests on when so many more do. */
const TRIES = 3;
const CONFIRMING_TRIES = 5;

/** Sizes side by side, and bytes of all of them: more would not fit every receive buffer. */
const SIDE_BY_SIDE = 15;
const ROUND_BYTES = 64_000;

/**
 * The largest datagram that reaches the member whole, by datagrams that no router may fragment; the echoes are short, so that it is this direction
 * alone. A path that carries the ceiling costs one exchange. Where nothing can be said `mtu` is null and `detail` says why. Rejects with the
 * signal's reason when aborted.
 */
export async function measurePathMtu(
  run: Run,
  system: System,
  job: PathMtuJob,
  pace: Pace,
  signal: AbortSignal,
): Promise<PathMtuResult> {
  signal.throwIfAborted();
  const nothing = { port: null, mtu: null, beyond: null, ceiling: job.ceiling, source: null };
  const family = job.address.includes(':') ? 6 : 4;
  if (family === 4 && (await discoveryOff(system)))
    return {
      ...nothing,
      detail: 'net.ipv4.ip_no_pmtu_disc is not 0 on the sender: routers may fragment what it sends',
    };
  const member = await findMember(run, job, pace, signal);
  if (member === null) return { ...nothing, detail: 'no UDP port of the receiver answers' };
  const path = createMtuPath({ run, system, member, family, pace, signal });
  const known = { ...nothing, port: member.port, source: member.source };
  try {
    return { ...known, ...(await search(path, job.ceiling, FLOOR[family])) };
  } catch (error) {
    if (error instanceof Unmeasurable) return { ...known, detail: error.message };
    throw error;
  } finally {
    await path.close();
  }
}

/** Values other than 0 take the flag "don't fragment" from datagrams: ip(7), https://docs.kernel.org/networking/ip-sysctl.html */
async function discoveryOff(system: System): Promise<boolean> {
  const value = await system.readTextIfThere('/proc/sys/net/ipv4/ip_no_pmtu_disc');
  return value !== null && value.trim() !== '0';
}

type Found = Pick<PathMtuResult, 'mtu' | 'beyond' | 'detail'>;

async function search(path: MtuPath, ceiling: number, least: number): Promise<Found> {
  const floor = Math.min(least, ceiling);
  const fates = new Map<number, Fate>();
  const settle = async (sizes: readonly number[], tries: number) => {
    for (const [size, fate] of await path.settle(sizes, tries)) fates.set(size, fate);
  };

  await settle([ceiling], TRIES);
  while (fates.get(ceiling) !== 'passed') {
    const { passed, failed, silent } = bounds(fates);
    const sizes = failed === floor ? [] : between(passed ?? floor - 1, failed);
    if (sizes.length > 0) {
      await settle(sizes, TRIES);
      continue;
    }
    // Chance alone must not say it: lost datagrams look like ones that are too big.
    await settle([...new Set([failed, silent ?? failed])], CONFIRMING_TRIES);
    const confirmed = bounds(fates);
    if (confirmed.failed !== failed || confirmed.silent !== silent) continue;
    const beyond = silent === null ? 'told' : 'black-hole';
    if (passed !== null) return { mtu: passed, beyond, detail: null };
    return { mtu: path.smallest, beyond, detail: `not even packets of ${floor} bytes arrive` };
  }
  return { mtu: ceiling, beyond: 'none-tried', detail: null };
}

/** The largest size that passed, and above it the smallest that did not, and the smallest of those that vanished. */
function bounds(fates: ReadonlyMap<number, Fate>): { passed: number | null; failed: number; silent: number | null } {
  const sizes = [...fates.keys()].sort((a, b) => a - b);
  const passed = sizes.findLast((size) => fates.get(size) === 'passed') ?? null;
  const above = sizes.filter((size) => size > (passed ?? 0));
  return {
    passed,
    failed: above[0] ?? Infinity,
    silent: above.find((size) => fates.get(size) === 'silent') ?? null,
  };
}

/** Sizes that lie evenly between one that passed and one that did not; the first of them is one more than `passed`. */
function between(passed: number, failed: number): number[] {
  const open = failed - passed - 1;
  const count = Math.max(1, Math.min(SIDE_BY_SIDE, Math.floor(ROUND_BYTES / failed), open));
  if (open <= 0) return [];
  if (count === 1) return [passed + Math.ceil(open / 2)];
  const sizes = Array.from({ length: count }, (_, index) => passed + 1 + Math.floor((index * open) / count));
  return [...new Set(sizes)];
}
