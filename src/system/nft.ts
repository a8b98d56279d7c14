import * as z from 'zod';
import { jsonOf } from '../values/json.ts';
import { SystemError, type System } from './system.ts';

/** `nft -j`: https://manpages.debian.org/libnftables-json.5 */
const document = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });

/** Rules of a big cluster in iptables mode are long; they are in other tables than those that are read here. */
const LIMIT = 16 * 1024 * 1024;

/** `nft -j list …`: the items that it prints. */
export type Lister = (...args: string[]) => Promise<Record<string, unknown>[]>;

/** Null where nobody has rules in nf_tables. */
export async function nftLister(system: System, signal: AbortSignal): Promise<Lister | null> {
  if (!(await hasNfTables(system))) return null;
  const nft = await system.programs.find('nft');
  if (nft === null)
    throw new SystemError('missing', 'nft is not installed, and only it can list the rules of nf_tables');
  return (...args) => list(system, nft, args, signal);
}

/**
 * Asking nft would load the module; where it is neither loaded nor built in nobody has rules in it. A kernel without a directory
 * of modules cannot load any.
 */
async function hasNfTables(system: System): Promise<boolean> {
  if ((await system.status('/sys/module/nf_tables')) !== null) return true;
  const release = (await system.readText('/proc/sys/kernel/osrelease')).trim();
  const builtin = await system.readTextIfThere(`/lib/modules/${release}/modules.builtin`);
  return builtin === null || /\/nf_tables\.ko$/m.test(builtin);
}

async function list(
  system: System,
  nft: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Record<string, unknown>[]> {
  const { exitCode, stdout } = await system.programs.run(nft, ['-j', 'list', ...args], { signal, limit: LIMIT });
  const about = `nft -j list ${args.join(' ')}`;
  if (exitCode !== 0) throw new SystemError('error', `${about}: ended with ${exitCode ?? 'a signal'}`);
  const parsed = document.safeParse(jsonOf(stdout));
  if (!parsed.success) throw new SystemError('error', `${about}: it printed no JSON of nftables`);
  return parsed.data.nftables;
}
