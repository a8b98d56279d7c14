import * as z from 'zod';
import { SystemError, type System } from '../system/system.ts';
import { isUnitActive } from './parts/active-unit.ts';
import { defineFact } from './define-fact.ts';
import { legacyChains } from './parts/firewall-legacy.ts';
import { nftChains } from './parts/firewall-nft.ts';
import { HOOKS, type FilterChain } from './parts/firewall-rules.ts';

const schema = () =>
  z.object({
    managers: z
      .array(
        z.object({
          name: z.enum(['firewalld', 'ufw', 'nftables', 'iptables']).describe('of the program'),
          by: z.string().describe('the unit or file that said so'),
        }),
      )
      .describe('what loads rules of its own, as far as files tell, and which file said so'),
    chains: z
      .array(
        z.object({
          backend: z
            .enum(['nft', 'legacy'])
            .describe('nft: nftables, and iptables on top of it; legacy: iptables of before'),
          family: z.string().describe('in nftables’ words: ip, ip6, inet, netdev'),
          table: z.string().describe('its table'),
          chain: z.string().describe('its name'),
          hook: z.enum(HOOKS).describe('where packets come by'),
          policy: z.enum(['accept', 'drop']).describe('what becomes of packets on which no rule decided'),
          jumps: z.array(z.string()).describe('chains that it calls itself'),
          refusing: z
            .array(z.string())
            .describe('chains reached from it, itself included, with a rule that drops or rejects'),
          refusesSome: z.boolean().describe('a rule of its own drops or rejects what it matches'),
          refusesRest: z
            .boolean()
            .describe(
              'it ends, itself or in a chain that it always calls, with a rule that drops or rejects whatever comes that far',
            ),
        }),
      )
      .nullable()
      .describe('base chains that filter, but for those of NAT and bridges; null where they could not be read'),
    unread: z.string().nullable().describe('why not all of the rules were read'),
    unreadWhy: z
      .enum(['denied', 'missing', 'timeout', 'unsupported', 'error'])
      .nullable()
      .describe('the same as a code; null when all were read'),
  });

type Firewall = z.infer<ReturnType<typeof schema>>;

export default defineFact({
  title: 'packet filters',
  schema,
  read: async (system, { signal }): Promise<Firewall> => {
    const [managers, rules] = await Promise.all([readManagers(system), readRules(system, signal)]);
    return { managers, ...rules };
  },
});

/** Rules are only told to programs, and to root: https://wiki.nftables.org/ */
async function readRules(system: System, signal: AbortSignal): Promise<Omit<Firewall, 'managers'>> {
  if (!system.live) return unread('unsupported', 'rules are only known to a running kernel');
  if (!system.privileged) return unread('denied', 'only root may list rules');
  const [nft, legacy] = await Promise.allSettled([nftChains(system, signal), legacyChains(system, signal)]);
  const failures = [nft, legacy].flatMap((outcome) =>
    outcome.status === 'rejected' ? [asSystemError(outcome.reason)] : [],
  );
  const chains: FilterChain[] = [nft, legacy].flatMap((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value : [],
  );
  const [failure] = failures;
  if (failure === undefined) return { chains, unread: null, unreadWhy: null };
  return { chains: failures.length === 2 ? null : chains, unread: failure.message, unreadWhy: failure.why };
}

function unread(unreadWhy: NonNullable<Firewall['unreadWhy']>, why: string): Omit<Firewall, 'managers'> {
  return { chains: null, unread: why, unreadWhy };
}

function asSystemError(error: unknown): SystemError {
  if (error instanceof SystemError) return error;
  throw error;
}

async function readManagers(system: System): Promise<Firewall['managers']> {
  const [firewalld, nftables, iptables, ufw] = await Promise.all([
    isUnitActive(system, 'firewalld.service'),
    isUnitActive(system, 'nftables.service'),
    isUnitActive(system, 'iptables.service'),
    system.readTextIfThere('/etc/ufw/ufw.conf'),
  ]);
  return [
    ...(firewalld ? [{ name: 'firewalld' as const, by: 'firewalld.service' }] : []),
    // ufw-init of the package reads it so: https://git.launchpad.net/ufw/tree/src/ufw-init-functions
    ...(/^\s*ENABLED=["']?yes["']?\s*$/im.test(ufw ?? '') ? [{ name: 'ufw' as const, by: '/etc/ufw/ufw.conf' }] : []),
    ...(nftables ? [{ name: 'nftables' as const, by: 'nftables.service' }] : []),
    ...(iptables ? [{ name: 'iptables' as const, by: 'iptables.service' }] : []),
  ];
}
