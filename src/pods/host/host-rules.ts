import * as z from 'zod';
import { CHAIN_PREFIX, OWN_TABLE_PREFIX, SHARED_CHAINS, SHARED_TABLES } from '../../kubernetes/cni/traces.ts';
import { LEGACY_FAMILIES, loadedTables, saveLegacy } from '../../system/iptables-save.ts';
import { nftLister, type Lister } from '../../system/nft.ts';
import type { System } from '../../system/system.ts';
import { chainsOf } from './own-names.ts';
import type { Scope } from './scope.ts';

const ruleSchema = () =>
  z.object({
    /** Its handle in nf_tables; of the older iptables the rule itself. */
    id: z.string(),
    jumps: z.array(z.string()),
    /** Addresses, names and comments in it. */
    words: z.array(z.string()),
    comment: z.string().nullable(),
  });

const chainSchema = () =>
  z.object({
    name: z.string(),
    /** The kernel calls it: POSTROUTING. */
    base: z.boolean(),
    policy: z.string(),
    rules: z.array(ruleSchema()),
  });

/** A table that the reference plugins write to: the chains that matter to them, with their rules. */
export const tableSchema = () =>
  z.object({
    backend: z.enum(['nft', 'legacy']),
    family: z.string(),
    name: z.string(),
    chains: z.array(chainSchema()),
    /** How many other chains it has. */
    others: z.int(),
  });

export type HostRule = z.infer<ReturnType<typeof ruleSchema>>;
export type HostChain = z.infer<ReturnType<typeof chainSchema>>;
export type HostTable = z.infer<ReturnType<typeof tableSchema>>;

/** Throws a SystemError. */
export async function readTables(system: System, scope: Scope, signal: AbortSignal): Promise<HostTable[]> {
  const [nft, legacy] = await Promise.all([nftTables(system, scope, signal), legacyTables(system, signal)]);
  return [...nft, ...legacy];
}

const nftChain = z.object({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  hook: z.string().optional(),
  policy: z.string().default(''),
});
const nftRule = z.object({
  chain: z.string(),
  handle: z.int(),
  comment: z.string().optional(),
  expr: z.array(z.record(z.string(), z.unknown())).default([]),
});

type NftChain = z.infer<typeof nftChain>;

/** With kube-proxy in iptables mode a table has some chains for each Service: beyond this many, chains are listed one by one. */
const FEW_CHAINS = 300;

async function nftTables(system: System, scope: Scope, signal: AbortSignal): Promise<HostTable[]> {
  // Where plugins write no rules, a machine without nft is as good.
  if ((await system.programs.find('nft')) === null) return [];
  const ask = await nftLister(system, signal);
  if (ask === null) return [];
  const chains = (await ask('chains')).flatMap(({ chain }) => {
    const { data } = nftChain.safeParse(chain);
    return data !== undefined && mayBeWritten(data.family, data.table) ? [data] : [];
  });
  const tables = Map.groupBy(chains, ({ family, table }) => `${family} ${table}`);
  return Promise.all([...tables.values()].map((own) => nftTable(ask, scope, own)));
}

function mayBeWritten(family: string, table: string): boolean {
  const isShared = SHARED_TABLES.some((each) => each.family === family && each.table === table);
  return isShared || table.startsWith(OWN_TABLE_PREFIX);
}

async function nftTable(ask: Lister, scope: Scope, chains: readonly NftChain[]): Promise<HostTable> {
  const { family = '', table = '' } = chains[0] ?? {};
  const own = scope.containerIds.flatMap((id) => chainsOf(scope.network.name, id));
  const matters = ({ name, hook }: NftChain) =>
    hook !== undefined || SHARED_CHAINS.includes(name) || own.includes(name) || table.startsWith(OWN_TABLE_PREFIX);
  const listed =
    chains.length <= FEW_CHAINS
      ? await ask('table', family, table)
      : await inTurn(chains.filter(matters), ({ name }) => ask('chain', family, table, name));
  const rules = Map.groupBy(
    listed.flatMap(({ rule }) => nftRule.safeParse(rule).data ?? []),
    ({ chain }) => chain,
  );
  const known = chains.map((chain): HostChain => {
    const all = (rules.get(chain.name) ?? []).map(ruleOf);
    return {
      name: chain.name,
      base: chain.hook !== undefined,
      policy: chain.policy,
      rules: matters(chain) ? all : all.filter(leadsToPlugins),
    };
  });
  const kept = known.filter((chain) => table.startsWith(OWN_TABLE_PREFIX) || isKept(chain));
  return { backend: 'nft', family, name: table, chains: kept, others: known.length - kept.length };
}

function leadsToPlugins({ jumps }: HostRule): boolean {
  return jumps.some((name) => name.startsWith(CHAIN_PREFIX));
}

function isKept({ name, base, rules }: HostChain): boolean {
  return base || name.startsWith(CHAIN_PREFIX) || rules.length > 0;
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R[]>): Promise<R[]> {
  const found: R[] = [];
  for (const item of items) found.push(...(await work(item)));
  return found;
}

function ruleOf({ handle, expr, comment }: z.infer<typeof nftRule>): HostRule {
  const target = z.object({ target: z.string() });
  return {
    id: String(handle),
    jumps: expr.flatMap(({ jump, goto }) => [jump, goto].flatMap((each) => target.safeParse(each).data?.target ?? [])),
    words: [...textsIn(expr), ...(comment === undefined ? [] : [comment])],
    comment: comment ?? null,
  };
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const LEGACY_TABLES = ['nat', 'filter'];

async function legacyTables(system: System, signal: AbortSignal): Promise<HostTable[]> {
  const tables = await Promise.all(
    LEGACY_FAMILIES.map(async ({ family, names, program }) => {
      const loaded = await loadedTables(system, names);
      const wanted = LEGACY_TABLES.filter((table) => loaded.includes(table));
      return Promise.all(
        wanted.map(async (table) => parseLegacyTable(await saveLegacy(system, program, table, signal), family, table)),
      );
    }),
  );
  return tables.flat();
}

/** As iptables-save(8) prints it. Its base chains cannot be removed, so that of all rules only those about chains of the plugins are kept. */
export function parseLegacyTable(text: string, family: string, name: string): HostTable {
  const rules = Map.groupBy(
    [...text.matchAll(/^-A (\S+) (.*)$/gm)].filter(([line]) => line.includes(CHAIN_PREFIX)),
    ([, chain = '']) => chain,
  );
  const known = [...text.matchAll(/^:(\S+) (\S+)/gm)].map(([, chain = '', policy = '']): HostChain => ({
    name: chain,
    base: policy !== '-',
    policy: policy.toLowerCase(),
    rules: (rules.get(chain) ?? []).map(([, , rule = '']) => legacyRule(rule)),
  }));
  const kept = known.filter(isKept);
  return { backend: 'legacy', family, name, chains: kept, others: known.length - kept.length };
}

function legacyRule(rule: string): HostRule {
  const words = [...rule.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const after = (...options: string[]) =>
    words.flatMap((_, at) => (options.includes(words[at - 1] ?? '') ? (words[at] ?? '') : []));
  // An address of a host is written as a network.
  const hosts = words.flatMap((word) => word.replace(/\/(?:32|128)$/, ''));
  const [comment = null] = after('--comment');
  return { id: rule, jumps: after('-j', '-g').filter((name) => name.startsWith(CHAIN_PREFIX)), words: hosts, comment };
}
