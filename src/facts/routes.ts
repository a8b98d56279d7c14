import * as z from 'zod';
import { readTableIfThere } from '../system/kernel-table.ts';
import { SystemError } from '../system/system.ts';
import { formatCidr } from '../values/cidr.ts';
import { formatIp } from '../values/ip.ts';
import { parseRouteRows, parseRouteRows6 } from '../values/route-rows.ts';
import { defineFact } from './define-fact.ts';
import { notShown, showsKernel } from './parts/kernel-shown.ts';

const schema = () =>
  z.object({
    routes: z
      .array(
        z.object({
          family: z.union([z.literal(4), z.literal(6)]).describe('of IP'),
          destination: z.string().describe('a CIDR; the default route is 0.0.0.0/0 or ::/0'),
          gateway: z.string().nullable().describe('the next hop; null where the destination is on the link'),
          interface: z.string().describe('that packets leave by'),
          metric: z.number().int().describe('the lowest is taken'),
        }),
      )
      .describe('unicast routes in the order of the kernel: what rejects, is local or multicast is left out'),
    shown: notShown(),
  });

type Route = z.infer<ReturnType<typeof schema>>['routes'][number];

export default defineFact({
  title: 'routes',
  schema,
  read: async (system) => {
    if (!(await showsKernel(system))) return { routes: [], shown: false as const };
    const [ipv4, ipv6] = await Promise.all([
      readTableIfThere(system, '/proc/net/route', LIMIT),
      readTableIfThere(system, '/proc/net/ipv6_route', LIMIT),
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

export function ipv6Routes(text: string): Route[] {
  return parseRouteRows6(text).map(({ interface: name, destination, gateway, metric }) => ({
    family: 6,
    destination: formatCidr(destination),
    gateway: gateway === null ? null : formatIp(gateway),
    interface: name,
    metric,
  }));
}
