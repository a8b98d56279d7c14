import { SystemError, type System } from '../../system/system.ts';

/** Milliseconds for a program that prints a table. */
const LISTING_MS = 2_000;
/** 200 bytes a line: room for 20,000 sockets. */
const LIMIT = 4 * 1024 * 1024;

/**
 * Inodes of listening sockets that gave IPv4 up (IPV6_V6ONLY). The kernel's tables do not show it, and its answer to sock_diag(7) only a program can ask for: ss(8)
 * of iproute2 prints it as `v6only:1`. None where that program is missing: then `::` stands for both families, as it does unless somebody says otherwise.
 */
export async function ipv6OnlySockets(system: System, signal: AbortSignal): Promise<ReadonlySet<number>> {
  if (!system.live) return new Set();
  try {
    const ss = await system.programs.find('ss');
    if (ss === null) return new Set();
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LISTING_MS)]);
    const { stdout } = await system.programs.run(ss, ['-Hlntu6e'], { signal: limited, limit: LIMIT });
    return new Set([...stdout.matchAll(LINE)].map(([, inode]) => Number(inode)));
  } catch (error) {
    if (error instanceof SystemError) return new Set();
    throw error;
  }
}

const LINE = /\bino:(\d+)\b.*\bv6only:1\b/g;
