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
export async function saveLegacy(system: System, program: string, table: string, signal: AbortSignal): Promise<string> {
  const path =
    (await system.programs.find(`${program}-legacy-save`)) ?? (await system.programs.find(`${program}-save`));
  if (path === null)
    throw new SystemError('missing', `${program}-save is not installed, and only it can list the rules of ${program}`);
  const { exitCode, stdout } = await system.programs.run(path, ['-t', table], { signal, limit: SAVED_RULES_LIMIT });
  // The same name may be the newer program, which lists other rules and says so.
  if (exitCode !== 0 || /^#.*\(nf_tables\)/m.test(stdout)) {
    throw new SystemError('error', `${path} -t ${table}: it did not list the rules of the older ${program}`);
  }
  return stdout;
}
