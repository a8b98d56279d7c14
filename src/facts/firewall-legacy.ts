import { SystemError, type System } from '../system/system.ts';
import { isRefusedByAddOn } from '../kubernetes/firewall-names.ts';
import { summarise, type FilterChain, type Rule } from './firewall-rules.ts';

export const LEGACY_FAMILIES = [
  { family: 'ip', names: '/proc/net/ip_tables_names', program: 'iptables' },
  { family: 'ip6', names: '/proc/net/ip6_tables_names', program: 'ip6tables' },
] as const;

/** kube-proxy has 5 to 10 rules for each endpoint of a Service: room for 100,000 endpoints. */
export const SAVED_RULES_LIMIT = 128 * 1024 * 1024;

const TABLES = ['raw', 'mangle', 'filter', 'security'];

/** Base chains of the older iptables, which nft does not show; its program is started only for tables that the kernel has. */
export async function legacyChains(system: System, signal: AbortSignal): Promise<FilterChain[]> {
  const lists = await Promise.all(
    LEGACY_FAMILIES.map(async ({ family, names, program }) => {
      const loaded = await loadedTables(system, names);
      const tables = await Promise.all(
        TABLES.filter((table) => loaded.includes(table)).map(async (table) =>
          parseLegacyRules(await saveLegacy(system, program, table, signal), family, table),
        ),
      );
      return tables.flat();
    }),
  );
  return lists.flat();
}

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

/** The format of iptables-save(8), which iptables-restore reads: `:CHAIN POLICY [counters]`, `-A CHAIN conditions -j TARGET`. */
export function parseLegacyRules(text: string, family: string, table: string): FilterChain[] {
  const policies = new Map(
    [...text.matchAll(/^:(\S+) (\S+)/gm)].map(([, chain, policy]) => [chain ?? '', policy ?? '']),
  );
  const rules = new Map<string, Rule[]>();
  for (const [, chain = '', rest = ''] of text.matchAll(/^-A (\S+)(.*)$/gm)) {
    rules.set(chain, [...(rules.get(chain) ?? []), ruleOf(rest)]);
  }
  return BUILT_IN.flatMap(({ chain, hook }) => {
    const policy = policies.get(chain);
    if (policy === undefined) return [];
    const base = {
      backend: 'legacy',
      family,
      table,
      chain,
      hook,
      policy: policy === 'DROP' ? 'drop' : 'accept',
    } as const;
    return [summarise(base, rules)];
  });
}

const BUILT_IN = (['prerouting', 'input', 'forward', 'output', 'postrouting'] as const).map((hook) => ({
  hook,
  chain: hook.toUpperCase(),
}));

function ruleOf(text: string): Rule {
  const called = / -[jg] (\S+)/.exec(text)?.[1] ?? '';
  const isRefusal = called === 'DROP' || called === 'REJECT';
  const isInvalid = /--(?:ct)?state INVALID(?: |$)/.test(text);
  const isStray = text.startsWith(' -d ') && / ! -i /.test(text);
  return {
    calls: called === '' || isRefusal ? [] : [called],
    refuses: isRefusal,
    harmless: isInvalid || isStray || isRefusedByAddOn(/(?<! !) -o (\S+)/.exec(text)?.[1] ?? ''),
    always: /^ -[jg] \S+(?: --reject-with \S+)?$/.test(text),
  };
}
