import { isRefusedByAddOn } from '../../kubernetes/firewall-names.ts';
import { LEGACY_FAMILIES, loadedTables, saveLegacy } from '../../system/iptables-save.ts';
import type { System } from '../../system/system.ts';
import { summarise, type FilterChain, type Rule } from './firewall-rules.ts';

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

/** The format of iptables-save(8), which iptables-restore reads: `:CHAIN POLICY [counters]`, `-A CHAIN conditions -j TARGET`. */
export function parseLegacyRules(text: string, family: string, table: string): FilterChain[] {
  const policies = new Map(
    [...text.matchAll(/^:(\S+) (\S+)/gm)].map(([, chain, policy]) => [chain ?? '', policy ?? '']),
  );
  const rules = savedRules(text);
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

/** Rules of one table by chain. */
export function savedRules(text: string): Map<string, Rule[]> {
  const rules = new Map<string, Rule[]>();
  for (const [, chain = '', rest = ''] of text.matchAll(/^-A (\S+)(.*)$/gm)) {
    rules.set(chain, [...(rules.get(chain) ?? []), ruleOf(rest)]);
  }
  return rules;
}

const BUILT_IN = (['prerouting', 'input', 'forward', 'output', 'postrouting'] as const).map((hook) => ({
  hook,
  chain: hook.toUpperCase(),
}));

function ruleOf(text: string): Rule {
  const called = / -[jg] (\S+)/.exec(text)?.[1] ?? '';
  const isRefusal = called === 'DROP' || called === 'REJECT';
  const isInvalid = /(?<! !) --(?:ct)?state INVALID(?: |$)/.test(text);
  const isStray = text.startsWith(' -d ') && / ! -i /.test(text);
  return {
    calls: called === '' || isRefusal ? [] : [called],
    refuses: isRefusal,
    harmless: isInvalid || isStray || isRefusedByAddOn(/(?<! !) -o (\S+)/.exec(text)?.[1] ?? ''),
    always: /^ -[jg] \S+(?: --reject-with \S+)?$/.test(text),
  };
}
