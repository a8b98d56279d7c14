import * as z from 'zod';
import type { System } from '../../system/system.ts';
import { formatCidr } from '../../values/cidr.ts';
import { formatIp } from '../../values/ip.ts';
import { parseRouteRows, parseRouteRows6 } from '../../values/route-rows.ts';
import { directoriesSchema, readAbsent, readDirectories } from './host-files.ts';
import { linkSchema, readLinks } from './host-links.ts';
import { readTables, tableSchema } from './host-rules.ts';
import { readSysctls } from './host-sysctls.ts';
import { pluginsAtWork, pluginsSince } from './plugin-processes.ts';
import type { Scope } from './scope.ts';

const routeSchema = () =>
  z.object({
    /** A CIDR. */
    destination: z.string(),
    gateway: z.string().nullable(),
    interface: z.string(),
    metric: z.int(),
    /** A router told it. */
    advertised: z.boolean(),
  });

/** What plugins can change on a host. It goes into a journal, and comes back from there. */
export const hostStateSchema = () =>
  z.object({
    links: z.array(linkSchema()),
    routes: z.array(routeSchema()),
    tables: z.array(tableSchema()),
    /** By key: `net/ipv4/ip_forward`. Of each interface only where the switch for all is off, and would change them along. */
    sysctls: z.record(z.string(), z.string()),
    directories: directoriesSchema(),
    /** Above them, the lowest first. */
    absent: z.array(z.string()),
    /** Bound by name in /run/netns. */
    namespaces: z.array(z.string()),
    /** Process ids. */
    processes: z.array(z.int()),
    /** Processes that work for a container. Compared with an earlier state, those that began since, whatever they are. */
    plugins: z.array(z.object({ pid: z.int(), containerId: z.string() })),
  });

export type HostState = z.infer<ReturnType<typeof hostStateSchema>>;
export type HostRoute = z.infer<ReturnType<typeof routeSchema>>;

/**
 * One look at the host, of a few milliseconds.
 * @param since An earlier one that this is to be compared with. Files and processes that were there then are not opened.
 * Throws a SystemError.
 */
export async function readHostState(
  system: System,
  scope: Scope,
  since: HostState | null,
  signal: AbortSignal,
): Promise<HostState> {
  const [links, tables, routes, sysctls] = await Promise.all([
    readLinks(system, signal),
    readTables(system, scope, signal),
    readRoutes(system),
    readSysctls(system, scope.network, since?.sysctls ?? null),
  ]);
  // Who reserves an address does so before there are rules with it: read later, no reservation of theirs is missed.
  const reading = readDirectories(system, scope, since?.directories ?? null);
  const processes = (await system.list('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const [directories, plugins] = await Promise.all([
    reading,
    since === null ? pluginsAtWork(system, processes, scope.binDirs) : pluginsSince(system, processes, since.processes),
  ]);
  return {
    links,
    tables,
    routes,
    sysctls,
    directories,
    absent: await readAbsent(system, Object.keys(directories)),
    namespaces: await system.listIfThere('/run/netns'),
    processes,
    plugins,
  };
}

/** A node that carries a full table of its fabric has 100,000 rows of 150 bytes. */
const ROUTES_LIMIT = 32 * 1024 * 1024;

async function readRoutes(system: System): Promise<HostRoute[]> {
  const [ipv4, ipv6] = await Promise.all(
    ['/proc/net/route', '/proc/net/ipv6_route'].map((path) => system.readTextIfThere(path, ROUTES_LIMIT)),
  );
  const rows = [
    ...parseRouteRows(ipv4 ?? '').map((row) => ({ ...row, advertised: false })),
    ...parseRouteRows6(ipv6 ?? ''),
  ];
  return rows.map(({ destination, gateway, interface: name, metric, advertised }) => ({
    destination: formatCidr(destination),
    gateway: gateway === null ? null : formatIp(gateway),
    interface: name,
    metric,
    advertised,
  }));
}
