import * as z from 'zod';
import { SystemError } from '../system/system.ts';
import { formatCidr, network } from '../values/cidr.ts';
import { formatIp, isWildcard, type Ip } from '../values/ip.ts';
import { parseRouteRows } from '../values/route-rows.ts';
import { defineFact } from './define-fact.ts';
import { notShown, showsKernel } from './kernel-shown.ts';

const schema = () =>
  z.object({
    routes: z
      .array(
        z.object({
          family: z.union([z.literal(4), z.literal(6)]),
          destination: z.string().describe('a CIDR; the default route is 0.0.0.0/0 or ::/0'),
          gateway: z.string().nullable(),
          interface: z.string(),
          metric: z.number().int(),
        }),
      )
      .describe('unicast routes in the order of the kernel: what rejects, is local or multicast is left out'),
    shown: notShown(),
  });

type Route = z.infer<ReturnType<typeof schema>>['routes'][number];

/** linux/ipv6_route.h */
const RTF_UP = 0x1;
const RTF_REJECT = 0x200;
const RTF_CACHE = 0x0100_0000;
const RTF_ANYCAST = 0x0010_0000;
const RTF_LOCAL = 0x8000_0000;

export default defineFact({
  title: 'routes',
  schema,
  read: async (system) => {
    if (!(await showsKernel(system))) return { routes: [], shown: false as const };
    const [ipv4, ipv6] = await Promise.all([
      system.readTextIfThere('/proc/net/route', LIMIT),
      system.readTextIfThere('/proc/net/ipv6_route', LIMIT),
    ]);
    if (ipv4 === null && ipv6 === null) throw new SystemError('missing', '/proc/net/route: no such file', 'ENOENT');
    return { routes: [...ipv4Routes(ipv4 ?? ''), ...ipv6Routes(ipv6 ?? '')] };
  },
});

/** A node that carries a full table of its fabric has 100,000 rows of 150 bytes. */
const LIMIT = 32 * 1024 * 1024;

function ipv4Routes(text: string): Route[] {
  return parseRouteRows(text).map(({ interface: name, destination, gateway, metric }) => ({
    family: 4,
    destination: formatCidr(destination),
    gateway: gateway === null ? null : formatIp(gateway),
    interface: name,
    metric,
  }));
}

/** destination, its prefix, source, its prefix, next hop, metric, uses, references, flags, interface; all hexadecimal. */
export function ipv6Routes(text: string): Route[] {
  return text.split('\n').flatMap((line) => {
    const [destination, prefix, , , gateway, metric, , , flags, name] = line.trim().split(/\s+/);
    if (name === undefined || name === 'lo' || !isUnicast(flags)) return [];
    const base = hex128(destination);
    const via = hex128(gateway);
    if (base === null || via === null || !/^[0-9a-f]{2}$/.test(prefix ?? '') || !/^[0-9a-f]{8}$/.test(metric ?? ''))
      return [];
    const length = Number.parseInt(prefix ?? '', 16);
    const isMulticast = base.bits >> 120n === 0xffn;
    if (length > 128 || isMulticast) return [];
    return [
      {
        family: 6 as const,
        destination: formatCidr(network(base, length)),
        gateway: isWildcard(via) ? null : formatIp(via),
        interface: name,
        metric: Number.parseInt(metric ?? '', 16),
      },
    ];
  });
}

function isUnicast(flags: string | undefined): boolean {
  if (flags === undefined || !/^[0-9a-f]{1,8}$/i.test(flags)) return false;
  const bits = BigInt(`0x${flags}`);
  return (bits & BigInt(RTF_UP)) !== 0n && (bits & BigInt(RTF_REJECT + RTF_CACHE + RTF_ANYCAST + RTF_LOCAL)) === 0n;
}

function hex128(text: string | undefined): Ip | null {
  return text !== undefined && /^[0-9a-f]{32}$/i.test(text) ? { family: 6, bits: BigInt(`0x${text}`) } : null;
}
