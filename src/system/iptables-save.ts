import { SystemError, type System } from './system.ts';

export const LEGACY_FAMILIES = [
  { family: 'ip', names: '/proc/net/ip_tables_names', program: 'iptables' },
  { family: 'ip6', names: '/proc/net/ip6_tables_names', program: 'ip6tables' },
] as const;

/** kube-proxy has 5 to 10 rules for each endpoint of a Service: room for 100,000 endpoints. */
export const SAVED_RULES_LIMIT = 128 * 1024 * 1024;

/** Tables that the kernel has, of one family of the older iptables. */
export async function loadedTables(system: System, names: string): Promise<string[]> {
  return ((await system.readTextIfThere(names)) ?? '').split('\n');
}

/** One table of the older iptables, as `iptables-save` prints it. */
export function saveLegacy(system: System, program: string, table: string, signal: AbortSignal): Promise<string> {
  const tool = {
    name: `${program}-legacy-save`,
    common: `${program}-save`,
    isMeant: (text: string) => !IN_NFT.test(text),
  };
  return save(system, tool, table, signal);
}

/** One table of nf_tables that iptables made: it alone can tell what its own matches ask for. */
export function saveNft(system: System, program: string, table: string, signal: AbortSignal): Promise<string> {
  const tool = { name: `${program}-nft-save`, common: `${program}-save`, isMeant: (text: string) => IN_NFT.test(text) };
  return save(system, tool, table, signal);
}

/** In the first line. */
const IN_NFT = /^#.*\(nf_tables\)/m;

interface SaveTool {
  readonly name: string;
  /** It may be the program of the other tables, which lists other rules and says so. */
  readonly common: string;
  readonly isMeant: (text: string) => boolean;
}

async function save(
  system: System,
  { name, common, isMeant }: SaveTool,
  table: string,
  signal: AbortSignal,
): Promise<string> {
  const path = (await system.programs.find(name)) ?? (await system.programs.find(common));
  if (path === null) throw new SystemError('missing', `${name} is not installed, and only it can list these rules`);
  const { exitCode, stdout } = await system.programs.run(path, ['-t', table], { signal, limit: SAVED_RULES_LIMIT });
  if (exitCode !== 0 || !isMeant(stdout))
    throw new SystemError('error', `${path} -t ${table}: it did not list the rules that ${name} does`);
  return stdout;
}
