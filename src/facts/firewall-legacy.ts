import { SystemError, type System } from '../system/system.ts';
import { summarise, type FilterChain, type Rule } from './firewall-rules.ts';

const FAMILIES = [
  { family: 'ip', names: '/proc/net/ip_tables_names', program: 'iptables' },
  { family: 'ip6', names: '/proc/net/ip6_tables_names', program: 'ip6tables' },
] as const;

/** Base chains of the older iptables, which nft does not show; its program is started only where the kernel has a filter table of its kind. */
export async function legacyChains(system: System, signal: AbortSignal): Promise<FilterChain[]> {
  const lists = await Promise.all(
    FAMILIES.map(async ({ family, names, program }) => {
      const tables = ((await system.readTextIfThere(names)) ?? '').split('\n');
      return tables.includes('filter') ? parseLegacyRules(await save(system, program, signal), family) : [];
    }),
  );
  return lists.flat();
}

async function save(system: System, program: string, signal: AbortSignal): Promise<string> {
  const path =
    (await system.programs.find(`${program}-legacy-save`)) ?? (await system.programs.find(`${program}-save`));
  if (path === null)
    throw new SystemError('missing', `${program}-save is not installed, and only it can list the rules of ${program}`);
  const { exitCode, stdout } = await system.programs.run(path, ['-t', 'filter'], { signal });
  // The same name may be the newer program, which lists other rules and says so.
  if (exitCode !== 0 || /^#.*\(nf_tables\)/m.test(stdout)) {
    throw new SystemError('error', `${path} -t filter: it did not list the rules of the older ${program}`);
  }
  return stdout;
}

/** The format of iptables-save(8), which iptables-restore reads: `:CHAIN POLICY [counters]`, `-A CHAIN conditions -j TARGET`. */
export function parseLegacyRules(text: string, family: string): FilterChain[] {
  const policies = new Map(
    [...text.matchAll(/^:(\S+) (\S+)/gm)].map(([, chain, policy]) => [chain ?? '', policy ?? '']),
  );
  const rules = new Map<string, Rule[]>();
  for (const [, chain = '', rest = ''] of text.matchAll(/^-A (\S+)(.*)$/gm)) {
    rules.set(chain, [...(rules.get(chain) ?? []), ruleOf(rest)]);
  }
  return (['INPUT', 'FORWARD'] as const).flatMap((chain) => {
    const policy = policies.get(chain);
    if (policy === undefined) return [];
    const hook = chain === 'INPUT' ? ('input' as const) : ('forward' as const);
    const base = {
      backend: 'legacy',
      family,
      table: 'filter',
      chain,
      hook,
      policy: policy === 'DROP' ? 'drop' : 'accept',
    } as const;
    return [summarise(base, rules)];
  });
}

function ruleOf(text: string): Rule {
  const called = / -[jg] (\S+)/.exec(text)?.[1] ?? '';
  const isRefusal = called === 'DROP' || called === 'REJECT';
  return {
    calls: called === '' || isRefusal ? [] : [called],
    refuses: isRefusal,
    onlyInvalid: /--(?:ct)?state INVALID(?: |$)/.test(text),
    always: /^ -j \S+(?: --reject-with \S+)?$/.test(text),
  };
}
