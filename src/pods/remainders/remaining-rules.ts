import { CHAIN_PREFIX, CHAINS_OF_PODS, OWN_TABLE_PREFIX, SHARED_CHAINS } from '../../kubernetes/cni/traces.ts';
import type { Found, TableUndo } from './found.ts';
import type { HostChain, HostRule, HostTable } from '../host/host-rules.ts';

export interface RemainingRules {
  /** Of our pods: they should be gone. */
  readonly leaked: readonly TableUndo[];
  /** For all pods, and nobody uses them. */
  readonly kept: readonly TableUndo[];
  /** For all pods, with something of somebody else in them: `table ip nat chain CNI-FORWARD`. */
  readonly used: readonly string[];
  /** Somebody else wrote rules about pods meanwhile. */
  readonly othersWrote: boolean;
  /** New rules that lead to none of our pods, by the chain that each is in: `table ip nat chain POSTROUTING, a rule`. */
  readonly unclear: readonly string[];
}

/** Whose rules are ours. */
export interface RuleOwner {
  readonly containerIds: readonly string[];
  /** Names of chains that the plugins make for them. */
  readonly chains: readonly string[];
  /** Addresses that are of our pods, and of nobody's since. */
  readonly addresses: readonly string[];
  /** Bridges of the network. */
  readonly bridges: readonly string[];
}

export function remainingRules(
  before: readonly HostTable[],
  after: readonly HostTable[],
  owner: RuleOwner,
): RemainingRules {
  const each = after.map((table) => remainingInTable(before.find((one) => isSame(one, table)) ?? null, table, owner));
  return {
    leaked: each.flatMap(({ leaked }) => leaked),
    kept: each.flatMap(({ kept }) => kept),
    used: each.flatMap(({ used }) => used),
    othersWrote: each.some(({ othersWrote }) => othersWrote),
    unclear: each.flatMap(({ unclear }) => unclear),
  };
}

function tableName({ backend, family, name }: HostTable): string {
  return `table ${family} ${name}${backend === 'legacy' ? ' (legacy)' : ''}`;
}

function isSame(a: HostTable, b: HostTable): boolean {
  return a.backend === b.backend && a.family === b.family && a.name === b.name;
}

/** `shared`: the plugins write it once, for all pods. */
type Whose = 'ours' | 'shared' | 'foreign';

interface Judged {
  readonly chain: HostChain;
  readonly rule: HostRule;
  readonly isNew: boolean;
  readonly whose: Whose;
}

function remainingInTable(before: HostTable | null, table: HostTable, owner: RuleOwner): RemainingRules {
  const rules = table.chains.flatMap((chain): Judged[] => {
    const known = before?.chains.find(({ name }) => name === chain.name)?.rules ?? [];
    return chain.rules.map((rule) => {
      const isNew = !known.some(({ id }) => id === rule.id);
      return { chain, rule, isNew, whose: isNew ? whoseRule(table, chain, rule, owner) : 'foreign' };
    });
  });
  const isNewChain = ({ name }: HostChain) => before?.chains.every((one) => one.name !== name) ?? true;
  const ownChains = table.chains.filter((chain) => isNewChain(chain) && owner.chains.includes(chain.name));
  const ours = rules.filter(({ whose, chain }) => whose === 'ours' || ownChains.includes(chain));
  const rest = rules.filter((each) => !ours.includes(each));

  const candidates = table.chains.filter(
    (chain) => isNewChain(chain) && isShared(table, chain) && !ownChains.includes(chain),
  );
  const removable = unused(candidates, rest);
  const goes = (chain: HostChain) => removable.has(chain.name);
  const keptRules = rest.filter(
    ({ whose, chain, rule }) =>
      whose === 'shared' && (rule.jumps.length > 0 ? rule.jumps.every((name) => removable.has(name)) : goes(chain)),
  );
  const chains = candidates.filter(goes).map(({ name }) => name);
  const left = table.others + table.chains.length - chains.length - ownChains.length;
  const whole = before === null && left === 0 && table.backend === 'nft';
  return {
    leaked: undo(
      table,
      ours,
      ownChains.map(({ name }) => name),
      false,
    ),
    kept: undo(table, keptRules, chains, whole),
    used: candidates
      .filter((chain) => !goes(chain) && !chain.base)
      .map(({ name }) => `${tableName(table)} chain ${name}`),
    othersWrote: rules.some(
      ({ isNew, whose, chain }) =>
        isNew && whose === 'foreign' && (chain.name.startsWith(CHAIN_PREFIX) || isOwnTable(table)),
    ),
    unclear: rest
      .filter(({ isNew, whose }) => isNew && whose === 'foreign')
      .map(({ chain }) => `${tableName(table)} chain ${chain.name}, a rule`),
  };
}

function undo(table: HostTable, rules: readonly Judged[], chains: readonly string[], whole: boolean): TableUndo[] {
  if (rules.length === 0 && chains.length === 0 && !whole) return [];
  return [
    { table, rules: rules.map(({ chain, rule: { id, jumps } }) => ({ chain: chain.name, id, jumps })), chains, whole },
  ];
}

/** Chains whose every rule is of the plugins, and that nothing else leads to. One that stays may keep another. */
function unused(candidates: readonly HostChain[], rules: readonly Judged[]): Set<string> {
  const found = new Set(candidates.map(({ name }) => name));
  for (let count = -1; count !== found.size;) {
    count = found.size;
    for (const { whose, chain, rule } of rules) {
      const stays = whose !== 'shared' || rule.jumps.some((name) => !found.has(name));
      if (!stays) continue;
      found.delete(chain.name);
      for (const name of rule.jumps) found.delete(name);
    }
  }
  return found;
}

/** Base chains with another policy than the one they are made with are somebody's firewall. */
function isShared(table: HostTable, { name, base, policy }: HostChain): boolean {
  if (base) return table.backend === 'nft' && policy !== 'drop';
  return SHARED_CHAINS.includes(name) || isOwnTable(table);
}

function isOwnTable({ name }: HostTable): boolean {
  return name.startsWith(OWN_TABLE_PREFIX);
}

function whoseRule(table: HostTable, chain: HostChain, { jumps, words, comment }: HostRule, owner: RuleOwner): Whose {
  const isNamed = [...words, comment ?? ''].some((word) => owner.containerIds.some((id) => word.includes(id)));
  if (
    isNamed ||
    jumps.some((name) => owner.chains.includes(name) || owner.containerIds.some((id) => name.includes(id)))
  )
    return 'ours';
  if (chain.name === 'CNI-FORWARD' && words.some((word) => owner.addresses.includes(word))) return 'ours';
  if (isOwnTable(table)) return comment === null ? 'shared' : 'foreign';
  if (jumps.length > 0) {
    const isFromShared = chain.base || SHARED_CHAINS.includes(chain.name);
    return isFromShared && jumps.every((name) => SHARED_CHAINS.includes(name)) ? 'shared' : 'foreign';
  }
  if (chain.name.startsWith('CNI-ISOLATION-'))
    return words.some((word) => owner.bridges.includes(word)) ? 'shared' : 'foreign';
  return SHARED_CHAINS.includes(chain.name) && !CHAINS_OF_PODS.includes(chain.name) ? 'shared' : 'foreign';
}

/** A table that goes is told as one, and so is a chain with its rules. */
export function rulesFound(undo: TableUndo, as: Found['as']): Found[] {
  const table = tableName(undo.table);
  const chains = undo.chains.filter((name) => undo.table.chains.some((chain) => chain.name === name && !chain.base));
  const apart = undo.rules.filter(
    ({ chain, jumps }) => !undo.chains.includes(chain) && jumps.every((name) => !undo.chains.includes(name)),
  );
  const names = [
    ...(undo.whole ? [table] : []),
    ...chains.map((name) => `${table} chain ${name}`),
    ...apart.map(
      ({ chain, jumps }) =>
        `${table} chain ${chain}, a rule${jumps.length > 0 ? ` that leads to ${jumps.join(', ')}` : ''}`,
    ),
  ];
  // Base chains alone: made for a rule that is gone already.
  const all = names.length > 0 ? names : undo.chains.map((name) => `${table} chain ${name}`);
  return [...new Set(all)].map((name) => ({
    told: { what: 'rule', name, before: null, after: 'there' },
    as,
    undo: { do: 'change-table', undo },
  }));
}
