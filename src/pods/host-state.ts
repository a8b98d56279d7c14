import * as z from 'zod';
import { bridgesOf, dataDirectoriesOf, isSharedFile } from '../kubernetes/cni/traces.ts';
import type { NetworkList } from '../kubernetes/cni/config-list.ts';
import type { System } from '../system/system.ts';
import { formatCidr } from '../values/cidr.ts';
import { formatIp } from '../values/ip.ts';
import { parseRouteRows, parseRouteRows6 } from '../values/route-rows.ts';
import { linkSchema, readLinks } from './host-links.ts';
import { readTables, tableSchema } from './host-rules.ts';

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
    /** Directories of the plugins by path: the container that each file is about, or null for a file of all. Null for one that is not there. */
    directories: z.record(z.string(), z.record(z.string(), z.string().nullable()).nullable()),
    /** Above them, the lowest first. */
    absent: z.array(z.string()),
    /** Bound by name in /run/netns. */
    namespaces: z.array(z.string()),
    /** Process ids. */
    processes: z.array(z.int()),
    /** Processes that work for a container: those begun since the state that this one is compared with, where there is one. */
    plugins: z.array(z.object({ pid: z.int(), containerId: z.string() })),
  });

export type HostState = z.infer<ReturnType<typeof hostStateSchema>>;
export type HostRoute = z.infer<ReturnType<typeof routeSchema>>;

/** Which part of a host is looked at. */
export interface Scope {
  readonly network: NetworkList;
  /** Those of our pods. */
  readonly containerIds: readonly string[];
}

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
    readSysctls(system, scope, since),
  ]);
  // Who reserves an address does so before there are rules with it: read later, no reservation of theirs is missed.
  const directories = await readDirectories(system, scope, since);
  const processes = (await system.list('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return {
    links,
    tables,
    routes,
    sysctls,
    directories,
    absent: await readAbsent(system, Object.keys(directories)),
    namespaces: await system.listIfThere('/run/netns'),
    processes,
    plugins: await readPlugins(system, processes, since?.processes ?? []),
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

/** The switches that plugins turn on, and what the kernel changes for each interface along with them: inet_forward_change and addrconf_fixup_forwarding. */
export const FORWARDING = [
  {
    key: 'net/ipv4/ip_forward',
    directory: 'net/ipv4/conf',
    along: (name: string) => (name === 'all' ? ['forwarding', 'accept_redirects'] : ['forwarding']),
  },
  { key: 'net/ipv6/conf/all/forwarding', directory: 'net/ipv6/conf', along: () => ['forwarding'] },
] as const;

/** What plugins set on a bridge: portmap for ports of this machine, bridge so that no router gives it an address. */
export function bridgeSwitches(bridge: string): { readonly key: string; readonly set: string }[] {
  return [
    { key: `net/ipv4/conf/${bridge}/route_localnet`, set: '1' },
    { key: `net/ipv6/conf/${bridge}/accept_ra`, set: '0' },
  ];
}

async function readSysctls(
  system: System,
  { network }: Scope,
  since: HostState | null,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  const read = async (key: string) => {
    const text = await system.readTextIfThere(`/proc/sys/${key}`);
    if (text !== null) values[key] = text.trim();
  };
  for (const { key } of FORWARDING) await read(key);
  if (since !== null) {
    for (const key of Object.keys(since.sysctls)) await read(key);
    return values;
  }
  for (const { key, directory, along } of FORWARDING) {
    if (values[key] !== '0') continue;
    for (const name of await system.listIfThere(`/proc/sys/${directory}`))
      for (const leaf of along(name)) await read(`${directory}/${name}/${leaf}`);
  }
  for (const { key } of bridgesOf(network).flatMap(bridgeSwitches)) await read(key);
  return values;
}

async function readDirectories(
  system: System,
  scope: Scope,
  since: HostState | null,
): Promise<HostState['directories']> {
  const found: HostState['directories'] = {};
  for (const path of dataDirectoriesOf(scope.network)) {
    const there = (await system.status(path))?.kind === 'directory';
    const known = since === null ? null : (since.directories[path] ?? {});
    found[path] = there ? await readHolders(system, path, scope, known) : null;
  }
  return found;
}

/** Of files that were there before our pods nobody needs to know more. */
const SOMEBODY = 'somebody';

/** Longer is no file of host-local's. */
const HOLDER_LIMIT = 4096;

async function readHolders(
  system: System,
  directory: string,
  { containerIds }: Scope,
  known: Readonly<Record<string, string | null>> | null,
): Promise<Record<string, string | null>> {
  const holders: Record<string, string | null> = {};
  for (const name of await system.listIfThere(directory)) {
    const named = containerIds.find((id) => name.includes(id)) ?? null;
    if (isSharedFile(name)) holders[name] = null;
    else if (known === null || Object.hasOwn(known, name)) holders[name] = SOMEBODY;
    else holders[name] = named ?? (await holderIn(system, `${directory}/${name}`));
  }
  return holders;
}

/** As host-local writes it: the container ID, and the interface on the next line. */
async function holderIn(system: System, path: string): Promise<string> {
  const status = await system.status(path);
  if (status?.kind !== 'file' || status.size > HOLDER_LIMIT) return SOMEBODY;
  return (await system.readTextIfThere(path, HOLDER_LIMIT))?.split('\n')[0]?.trim() ?? SOMEBODY;
}

async function readAbsent(system: System, directories: readonly string[]): Promise<string[]> {
  const above = directories.flatMap((path) => {
    const parts = path.split('/');
    return parts.slice(2, -1).map((_, index) => parts.slice(0, index + 3).join('/'));
  });
  const lowestFirst = [...new Set(above)].sort((a, b) => b.length - a.length);
  const there = await Promise.all(lowestFirst.map((path) => system.status(path)));
  return lowestFirst.filter((_, index) => there[index] === null);
}

/** Environments are never rewritten by plugins: who works for a container says so from its start. */
async function readPlugins(
  system: System,
  processes: readonly number[],
  since: readonly number[],
): Promise<HostState['plugins']> {
  const known = new Set(since);
  const begun = processes.filter((pid) => !known.has(pid));
  const network = await system.readLink('/proc/self/ns/net');
  const found = await Promise.all(
    begun.map(async (pid) => {
      const [environment, own] = await Promise.all([
        orNull(system.readText(`/proc/${pid}/environ`)),
        orNull(system.readLink(`/proc/${pid}/ns/net`)),
      ]);
      const [, containerId] = /(?:^|\0)CNI_CONTAINERID=([^\0]*)/.exec(environment ?? '') ?? [];
      return containerId === undefined || own !== network ? [] : [{ pid, containerId }];
    }),
  );
  return found.flat();
}

/** It may end while it is looked at. */
async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch {
    return null;
  }
}
