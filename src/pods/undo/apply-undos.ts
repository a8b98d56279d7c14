import { removeEmptyDirectory, removeFile, writeSysctl } from '../../system/host-changes.ts';
import { killProcess } from '../../system/process-identity.ts';
import { SystemError, type System } from '../../system/system.ts';
import type { HostRoute } from '../host/host-state.ts';
import type { Found, Undo, TableUndo } from '../remainders/found.ts';

/** What a change came to is seen by looking again: one that fails holds up no other. */
export async function applyUndos(system: System, found: readonly Found[], signal: AbortSignal): Promise<void> {
  const undos = found.map(({ undo }) => undo);
  const of = <K extends Undo['do']>(kind: K) =>
    undos.filter((each): each is Extract<Undo, { do: K }> => each.do === kind);
  const tables = [...new Set(of('change-table').map(({ undo }) => undo))];

  await Promise.all(of('end-process').map((each) => attempt(() => endProcess(system, each))));
  await Promise.all([
    attempt(() =>
      changeNfTables(
        system,
        tables.filter(({ table }) => table.backend === 'nft'),
        signal,
      ),
    ),
    ...tables
      .filter(({ table }) => table.backend === 'legacy')
      .map((undo) => attempt(() => changeLegacyTable(system, undo, signal))),
    changeInterfaces(system, undos, signal),
  ]);
  for (const { values } of of('write-sysctls'))
    for (const [key, value] of values) await attempt(() => writeSysctl(key, value));
  for (const { route } of of('advertise-route')) await attempt(() => runIp(system, [...advertised(route)], signal));
  for (const { files, directories } of of('remove-files')) {
    for (const path of files) await attempt(() => removeFile(path));
    for (const path of directories) await attempt(() => removeEmptyDirectory(path));
  }
}

async function attempt(change: () => void | Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}

/** Its number may be another's by now. */
async function endProcess(system: System, { pid, containerId }: Extract<Undo, { do: 'end-process' }>): Promise<void> {
  const environment = await system.readText(`/proc/${pid}/environ`);
  if (environment.split('\0').includes(`CNI_CONTAINERID=${containerId}`)) killProcess(pid);
}

/** Interfaces take their addresses and routes along. */
async function changeInterfaces(system: System, undos: readonly Undo[], signal: AbortSignal): Promise<void> {
  for (const undo of undos) {
    const command = commandOf(undo);
    if (command !== null) await attempt(() => runIp(system, command, signal));
  }
}

function commandOf(undo: Undo): string[] | null {
  if (undo.do === 'delete-link') return ['link', 'delete', 'dev', undo.name];
  if (undo.do === 'set-down') return ['link', 'set', 'dev', undo.name, 'down'];
  if (undo.do === 'delete-address') return ['address', 'delete', undo.address, 'dev', undo.link];
  if (undo.do === 'delete-route') return ['route', 'delete', ...routeWords(undo.route)];
  return undo.do === 'delete-namespace' ? ['netns', 'delete', undo.name] : null;
}

function routeWords({ destination, gateway, interface: name, metric }: HostRoute): string[] {
  return [destination, ...(gateway === null ? [] : ['via', gateway]), 'dev', name, 'metric', String(metric)];
}

/** As long as routers are believed unless they say otherwise, in seconds: AdvDefaultLifetime of RFC 4861, 6.2.1. The next advertisement comes before. */
const ROUTER_LIFETIME = 1800;

function advertised(route: HostRoute): string[] {
  return ['-6', 'route', 'add', ...routeWords(route), 'proto', 'ra', 'expires', String(ROUTER_LIFETIME)];
}

async function runIp(system: System, args: readonly string[], signal: AbortSignal): Promise<void> {
  const ip = await system.programs.find('ip');
  if (ip !== null) await system.programs.run(ip, args, { signal });
}

/**
 * One transaction: where a rule is gone or a chain is led to by now, nothing of it is done. Rules are named by handles, which the kernel gives
 * to no other.
 */
async function changeNfTables(system: System, undos: readonly TableUndo[], signal: AbortSignal): Promise<void> {
  const nft = undos.length === 0 ? null : await system.programs.find('nft');
  if (nft === null) return;
  const commands = [
    ...undos.flatMap(({ table: { family, name }, rules }) =>
      rules.map(({ chain, id }) => ({ rule: { family, table: name, chain, handle: Number(id) } })),
    ),
    ...undos.flatMap(({ table: { family, name }, chains }) =>
      chains.map((chain) => ({ chain: { family, table: name, name: chain } })),
    ),
    ...undos.filter(({ whole }) => whole).map(({ table: { family, name } }) => ({ table: { family, name } })),
  ];
  // As an argument: nft opens /dev/stdin by its name, which fails where that is a socket.
  const text = JSON.stringify({ nftables: commands.map((each) => ({ delete: each })) });
  await system.programs.run(nft, ['-j', text], { signal });
}

/** The whole table is exchanged at once, below the lock that all of iptables takes. */
async function changeLegacyTable(
  system: System,
  { table, rules, chains }: TableUndo,
  signal: AbortSignal,
): Promise<void> {
  const program = table.family === 'ip6' ? 'ip6tables' : 'iptables';
  const restore =
    (await system.programs.find(`${program}-legacy-restore`)) ?? (await system.programs.find(`${program}-restore`));
  if (restore === null) return;
  const lines = [...rules.map(({ chain, id }) => `-D ${chain} ${id}`), ...chains.map((chain) => `-X ${chain}`)];
  const stdin = [`*${table.name}`, ...lines, 'COMMIT', ''].join('\n');
  await system.programs.run(restore, ['--noflush', '--wait', '5'], { stdin, signal });
}
