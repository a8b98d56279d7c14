/** A base chain that filters, with what can be reached from it. */
export interface FilterChain {
  readonly backend: 'nft' | 'legacy';
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly hook: 'input' | 'forward';
  readonly policy: 'accept' | 'drop';
  readonly jumps: string[];
  readonly refusing: string[];
  readonly refusesRest: boolean;
}

/** What a rule does, as far as it matters here. */
export interface Rule {
  /** Chains that it may call. */
  readonly calls: readonly string[];
  /** It drops or rejects what it matches. */
  readonly refuses: boolean;
  /** It matches nothing but what connection tracking finds broken. */
  readonly onlyInvalid: boolean;
  /** It has no condition. */
  readonly always: boolean;
}

/** Rules of one table by chain; a chain may call one that is not there, and itself. */
export function summarise(
  base: Omit<FilterChain, 'jumps' | 'refusing' | 'refusesRest'>,
  rules: ReadonlyMap<string, readonly Rule[]>,
): FilterChain {
  const own = rules.get(base.chain) ?? [];
  return {
    ...base,
    jumps: [...new Set(own.flatMap(({ calls }) => calls))],
    refusing: reachable(base.chain, rules).filter((chain) =>
      (rules.get(chain) ?? []).some(({ refuses, onlyInvalid }) => refuses && !onlyInvalid),
    ),
    refusesRest: own.some(({ refuses, always }) => refuses && always),
  };
}

function reachable(start: string, rules: ReadonlyMap<string, readonly Rule[]>): string[] {
  const seen = new Set([start]);
  // A set that grows is walked to its end.
  for (const chain of seen)
    for (const { calls } of rules.get(chain) ?? []) for (const called of calls) seen.add(called);
  return [...seen];
}
