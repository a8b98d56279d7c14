/** From the way in to the way out; `ingress` and `egress` are those of an interface. */
export const HOOKS = ['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting', 'egress'] as const;

export type Hook = (typeof HOOKS)[number];

/** A base chain that filters, with what can be reached from it. */
export interface FilterChain {
  readonly backend: 'nft' | 'legacy';
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly hook: Hook;
  readonly policy: 'accept' | 'drop';
  readonly jumps: string[];
  readonly refusing: string[];
  readonly refusesSome: boolean;
  readonly refusesRest: boolean;
}

/** What a rule does, as far as it matters here. */
export interface Rule {
  /** Chains that it may call. */
  readonly calls: readonly string[];
  /** It drops or rejects what it matches. */
  readonly refuses: boolean;
  /** It matches nothing but what connection tracking finds broken, what is meant for an address that is behind another interface, or what an add-on refuses itself. */
  readonly harmless: boolean;
  /** It has no condition. */
  readonly always: boolean;
}

type Rules = ReadonlyMap<string, readonly Rule[]>;

/** Rules of one table by chain; a chain may call one that is not there, and itself. */
export function summarise(
  base: Omit<FilterChain, 'jumps' | 'refusing' | 'refusesSome' | 'refusesRest'>,
  rules: Rules,
): FilterChain {
  const own = rules.get(base.chain) ?? [];
  const everyCall = ({ calls }: Rule) => calls;
  return {
    ...base,
    jumps: [...new Set(own.flatMap(everyCall))],
    refusing: reachable(base.chain, rules, everyCall).filter((chain) =>
      (rules.get(chain) ?? []).some(({ refuses, harmless }) => refuses && !harmless),
    ),
    refusesSome: own.some(({ refuses, harmless, always }) => refuses && !harmless && !always),
    refusesRest: reachable(base.chain, rules, ({ always, calls }) => (always ? calls : [])).some((chain) =>
      (rules.get(chain) ?? []).some(({ refuses, always }) => refuses && always),
    ),
  };
}

function reachable(start: string, rules: Rules, callsOf: (rule: Rule) => readonly string[]): string[] {
  const seen = new Set([start]);
  // A set that grows is walked to its end.
  for (const chain of seen) for (const called of (rules.get(chain) ?? []).flatMap(callsOf)) seen.add(called);
  return [...seen];
}
