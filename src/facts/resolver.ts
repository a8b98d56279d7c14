import * as z from 'zod';
import { SystemError, type System } from '../system/system.ts';
import { canonicalIp, parseIp } from '../values/ip.ts';
import { isUnitActive } from './parts/active-unit.ts';
import { defineFact } from './define-fact.ts';
import { readHostname } from './hostname.ts';

const schema = () =>
  z.object({
    name: z.string().describe('the node’s name, which was looked up; empty where nothing tells it'),
    resolution: z
      .union([
        z.object({ addresses: z.array(z.string()).describe('what it resolved to, in this order') }),
        z.object({ error: z.string().describe('code of the failure') }),
      ])
      .nullable()
      .describe(
        'its addresses as the machine’s own resolver gives them, or the error; null where nobody could be asked',
      ),
    hosts: z.array(z.string()).describe('its addresses in /etc/hosts'),
    hostsSources: z.array(z.string()).nullable().describe('the hosts line of /etc/nsswitch.conf'),
    files: z
      .record(
        z.string(),
        z.object({
          nameservers: z.array(z.string()).describe('addresses, in this order'),
          search: z.array(z.string()).describe('domains'),
        }),
      )
      .describe('resolv.conf, and those of systemd-resolved and NetworkManager that it may stand for'),
    resolvedActive: z.boolean().describe('systemd-resolved runs'),
  });

const RESOLV_CONF = [
  '/etc/resolv.conf',
  '/run/systemd/resolve/resolv.conf',
  '/run/NetworkManager/no-stub-resolv.conf',
] as const;

/** A resolver that is not there answers after its own 5 s at best; the rest of the fact is worth more than its answer. */
const LOOKUP_MS = 2000;

export default defineFact({
  title: 'name resolution',
  schema,
  read: async (system, { plan, signal }) => {
    const name = plan.nodeName ?? (await readHostname(system))?.toLowerCase() ?? '';
    const [hosts, nsswitch, files, resolvedActive] = await Promise.all([
      system.readTextIfThere('/etc/hosts'),
      system.readTextIfThere('/etc/nsswitch.conf'),
      Promise.all(
        RESOLV_CONF.map(async (path) => {
          const text = await system.readTextIfThere(path);
          return text === null ? [] : [[path, parseResolvConf(text)] as const];
        }),
      ),
      isUnitActive(system, 'systemd-resolved.service'),
    ]);
    const own = addressesIn(hosts ?? '', name);
    const hostsSources = hostsLine(nsswitch ?? '');
    // Where /etc/hosts is asked first and knows the name nobody else is: the look-up would give the same, and cost a tenth of a run.
    const resolution =
      system.native && own.length > 0 && hostsSources?.[0] === 'files'
        ? { addresses: own }
        : await resolve(system, name, Math.min(LOOKUP_MS, plan.timeout / 2), signal);
    return {
      name,
      resolution,
      hosts: own,
      hostsSources,
      files: Object.fromEntries(files.flat()),
      resolvedActive,
    };
  },
});

async function resolve(
  system: System,
  name: string,
  ms: number,
  signal: AbortSignal,
): Promise<{ addresses: string[] } | { error: string } | null> {
  if (!system.native || name === '') return null;
  try {
    const found = await system.network.resolve(name, AbortSignal.any([signal, AbortSignal.timeout(ms)]));
    return { addresses: [...new Set(found)] };
  } catch (error) {
    if (error instanceof SystemError && !signal.aborted) return { error: error.code ?? error.why };
    throw error;
  }
}

/** resolv.conf(5): the last of `domain` and `search` counts, a zone belongs to the address. */
export function parseResolvConf(text: string): { nameservers: string[]; search: string[] } {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const nameservers = lines.flatMap(([keyword, value]) =>
    keyword === 'nameserver' && value !== undefined && parseIp(value) !== null ? [value] : [],
  );
  const search = lines.findLast(([keyword]) => keyword === 'search' || keyword === 'domain');
  return { nameservers, search: search?.slice(1).filter((word) => word !== '') ?? [] };
}

/** hosts(5): an address, then its names; case does not matter. */
export function addressesIn(hosts: string, name: string): string[] {
  const found = hosts.split('\n').flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address === undefined || parseIp(address) === null) return [];
    return names.some((each) => each.toLowerCase() === name.toLowerCase()) ? [canonicalIp(address)] : [];
  });
  return [...new Set(found)];
}

function hostsLine(nsswitch: string): string[] | null {
  const line = /^\s*hosts:([^#\n]*)/m.exec(nsswitch)?.[1];
  return line === undefined
    ? null
    : line
        .replaceAll(/\[[^\]]*\]/g, ' ')
        .split(/\s+/)
        .filter((word) => word !== '');
}
