import * as z from 'zod';
import { isHarmlessChain, isHarmlessTable, isRefusedByAddOn } from '../../kubernetes/firewall-names.ts';
import { saveNft } from '../../system/iptables-save.ts';
import { nftLister } from '../../system/nft.ts';
import type { System } from '../../system/system.ts';
import { savedRules } from './firewall-legacy.ts';
import { HOOKS, summarise, type FilterChain, type Hook, type Rule } from './firewall-rules.ts';

const chainSchema = z.object({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  type: z.string().optional(),
  hook: z.enum(HOOKS).optional().catch(undefined),
  policy: z.string().optional(),
});
const ruleSchema = z.object({
  chain: z.string(),
  expr: z.array(z.record(z.string(), z.unknown())).default([]),
});

type Chain = z.infer<typeof chainSchema>;

const FAMILIES = ['ip', 'ip6', 'inet', 'netdev'];
/** `route` is the type of iptables' mangle table where packets go out; chains of type `nat` only see the first packet of a connection. */
const TYPES = ['filter', 'route'];

/** Base chains of nf_tables that filter; iptables-nft's are among them. */
export async function nftChains(system: System, signal: AbortSignal): Promise<FilterChain[]> {
  const ask = await nftLister(system, signal);
  if (ask === null) return [];
  const bases = (await ask('chains')).flatMap(({ chain }) => filterOf(chain));
  const tables = [...new Set(bases.map(({ family, table }) => `${family} ${table}`))];
  const rules = await Promise.all(
    tables.map(async (key) => {
      const { family, table } = bases.find((base) => `${base.family} ${base.table}` === key) ?? {
        family: '',
        table: '',
      };
      const rulesHere = parseRules(await ask('table', family, table));
      const program = PROGRAMS[family];
      const isTold = program === undefined || !rulesHere.some(isHidden);
      return [
        key,
        isTold ? rulesByChain(rulesHere) : savedRules(await saveNft(system, program, table, signal)),
      ] as const;
    }),
  );
  const byTable = new Map(rules);
  return bases.map(({ family, table, name, hook, policy }) =>
    summarise(
      {
        backend: 'nft',
        family,
        table,
        chain: name,
        hook,
        policy: policy === 'drop' ? 'drop' : 'accept',
      },
      byTable.get(`${family} ${table}`) ?? new Map(),
    ),
  );
}

/** Tables of Kubernetes itself are long, and nobody's firewall. */
function filterOf(chain: unknown): (Chain & { readonly hook: Hook })[] {
  const { data } = chainSchema.safeParse(chain);
  if (data?.hook === undefined || !FAMILIES.includes(data.family) || isHarmlessTable(data.table)) return [];
  return TYPES.includes(data.type ?? '') ? [{ ...data, hook: data.hook }] : [];
}

type ListedRule = z.infer<typeof ruleSchema>;

function parseRules(items: readonly Record<string, unknown>[]): ListedRule[] {
  return items.flatMap(({ rule }) => ruleSchema.safeParse(rule).data ?? []);
}

function rulesByChain(rules: readonly ListedRule[]): Map<string, Rule[]> {
  const byChain = Map.groupBy(rules, ({ chain }) => chain);
  return new Map([...byChain].map(([chain, own]) => [chain, own.map(({ expr }) => ruleOf(expr))]));
}

/** By whom the rules are told in full that iptables made in a family of tables. */
const PROGRAMS: Readonly<Record<string, string>> = { ip: 'iptables', ip6: 'ip6tables' };

/** What `-m conntrack` of iptables asks for is not listed: `--ctstate INVALID` harms nobody, and `--ctstate NEW` everybody. */
function isHidden({ chain, expr }: ListedRule): boolean {
  if (isHarmlessChain(chain) || !expr.some(({ xt }) => xtState.safeParse(xt).success)) return false;
  const { refuses, harmless } = ruleOf(expr);
  return refuses && !harmless;
}

/** Statements that neither decide nor narrow what the rule is about. */
const NEUTRAL = ['counter', 'log', 'comment', 'drop', 'reject', 'jump', 'goto'];
const target = z.object({ target: z.string() });
const xtTarget = z.object({ type: z.literal('target'), name: z.literal('REJECT') });
const verdictMap = z.object({
  data: z.object({ set: z.array(z.tuple([z.unknown(), z.record(z.string(), z.unknown())])) }),
});
const namedMap = z.object({ data: z.string() });
const invalidState = z.object({
  op: z.enum(['==', 'in']),
  left: z.object({ ct: z.object({ key: z.literal('state') }) }),
  right: z.union([z.literal('invalid'), z.object({ set: z.tuple([z.literal('invalid')]) })]),
});
const xtState = z.object({ type: z.literal('match'), name: z.enum(['conntrack', 'state']) });
const interfaceMatch = (key: 'iifname' | 'oifname', op: '==' | '!=') =>
  z.object({ op: z.literal(op), left: z.object({ meta: z.object({ key: z.literal(key) }) }), right: z.string() });
const notIncoming = interfaceMatch('iifname', '!=');
const outgoing = interfaceMatch('oifname', '==');
/** One address, and no network. */
const toAddress = z.object({
  op: z.literal('=='),
  left: z.object({ payload: z.object({ field: z.literal('daddr') }) }),
  right: z.string(),
});

function isHarmless(expr: readonly Record<string, unknown>[]): boolean {
  const matches = expr.flatMap(({ match }) => (match === undefined ? [] : [match]));
  const has = (schema: z.ZodType) => matches.some((match) => schema.safeParse(match).success);
  if (has(invalidState)) return true;
  if (has(notIncoming) && has(toAddress)) return true;
  return matches.some((match) => isRefusedByAddOn(outgoing.safeParse(match).data?.right ?? ''));
}

function ruleOf(expr: readonly Record<string, unknown>[]): Rule {
  const statements = expr.flatMap((each) => Object.entries(each));
  // A verdict map in the rule itself decides by what its entries say.
  const mapped = expr.flatMap(
    ({ vmap }) => verdictMap.safeParse(vmap).data?.data.set.map(([, verdict]) => verdict) ?? [],
  );
  const verdicts = [...expr, ...mapped];
  const refuses = verdicts.some((each) => 'drop' in each || 'reject' in each || xtTarget.safeParse(each['xt']).success);
  return {
    calls: verdicts.flatMap(({ jump, goto }) =>
      [jump, goto].flatMap((each) => target.safeParse(each).data?.target ?? []),
    ),
    // A named verdict map can hold any verdict: whoever filters by one has a firewall.
    refuses: refuses || expr.some(({ vmap }) => namedMap.safeParse(vmap).success),
    harmless: isHarmless(expr),
    always: statements.every(
      ([name, value]) => NEUTRAL.includes(name) || (name === 'xt' && xtTarget.safeParse(value).success),
    ),
  };
}
