import * as z from 'zod';
import { possiblePorts } from '../kubernetes/needed-ports.ts';
import { WATCHED_PROGRAMS } from '../kubernetes/programs.ts';
import type { Settings } from '../plan/settings.ts';
import { SystemError, type System } from '../system/system.ts';
import { inRange } from '../values/port-range.ts';
import { defineFact } from './define-fact.ts';
import { COMM_LENGTH, orNull, processIds, processNames, serviceUnit } from './parts/process-names.ts';
import { isListening, readSockets, type SocketRow } from './parts/socket-table.ts';

const schema = () =>
  z.object({
    owners: z
      .array(
        z.object({
          inode: z.number().describe('of the socket'),
          pid: z.int().describe('process ID'),
          process: z.string().describe('base name of the executable, else of the first argument, else command name'),
          names: z.array(z.string()).describe('all of these names, best first'),
          unit: z.string().nullable().describe('the system’s service that it belongs to'),
        }),
      )
      .describe('who holds the listening sockets on ports that Kubernetes uses, NodePorts among them'),
    complete: z
      .boolean()
      .describe('whether every process that could hold one of them could be looked at; true when all were found'),
  });

type Owners = z.infer<ReturnType<typeof schema>>;

const WATCHED = new Set(WATCHED_PROGRAMS.map((name) => name.slice(0, COMM_LENGTH)));

/** The number of the first process namespace: include/linux/proc_ns.h, PROC_PID_INIT_INO. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

export default defineFact({
  title: 'owners of listening sockets',
  schema,
  read: async (system, { plan }): Promise<Owners> => {
    const listening = (await readSockets(system)).filter(isListening);
    return ownersOf(system, ofInterest(listening, plan), listening);
  },
});

/** Who holds the sockets that are wanted, and whatever else of `listening` the same processes hold. */
export async function ownersOf(
  system: System,
  wanted: readonly SocketRow[],
  listening: readonly SocketRow[],
): Promise<Owners> {
  const missing = new Set(wanted.map(({ inode }) => inode));
  const all = new Set(listening.map(({ inode }) => inode));
  // A socket that no process has any more.
  missing.delete(0);
  const owners: Owners['owners'] = [];
  if (missing.size === 0) return { owners, complete: true };

  let denied = false;
  const look = async (pid: number) => {
    const held = await heldBy(system, pid, all);
    if (held === 'denied') denied = true;
    else if (held.length > 0) {
      owners.push(...(await describe(system, pid, held)));
      for (const inode of held) missing.delete(inode);
    }
  };
  const { watched, others } = await split(system, await processIds(system));
  for (const pid of watched) await look(pid);
  // On a healthy node the components hold all that matters, and thousands of others are never looked at.
  const rest = missing.size > 0 ? await nearestFirst(system, others) : [];
  for (const pid of rest) {
    if (missing.size === 0) break;
    await look(pid);
  }
  const seesAll =
    !denied && watched.length + others.length > 0 && system.privileged && (await seesEveryProcess(system));
  return { owners, complete: missing.size === 0 || seesAll };
}

function ofInterest(rows: readonly SocketRow[], plan: Settings): SocketRow[] {
  const ports = new Set(possiblePorts(plan).map(({ protocol, port }) => `${protocol}/${port}`));
  return rows.filter(({ protocol, port }) => inRange(plan.nodePortRange, port) || ports.has(`${protocol}/${port}`));
}

async function split(system: System, pids: readonly number[]): Promise<{ watched: number[]; others: number[] }> {
  const watched: number[] = [];
  const others: number[] = [];
  for (const pid of pids) {
    const comm = (await orNull(system.readText(`/proc/${pid}/comm`)))?.trimEnd() ?? '';
    (WATCHED.has(comm) ? watched : others).push(pid);
  }
  return { watched, others };
}

/** Processes of this network namespace, then those of others: pods hold hardly ever a socket that is not their own. */
async function nearestFirst(system: System, pids: readonly number[]): Promise<number[]> {
  const own = await orNull(system.readLink('/proc/self/ns/net'));
  const near: number[] = [];
  const far: number[] = [];
  for (const pid of pids) {
    const network = await orNull(system.readLink(`/proc/${pid}/ns/net`));
    (network === own ? near : far).push(pid);
  }
  return [...near, ...far];
}

/** Which of these sockets a process has open. */
async function heldBy(system: System, pid: number, inodes: ReadonlySet<number>): Promise<number[] | 'denied'> {
  try {
    const found = new Set<number>();
    const fds = await system.listIfThere(`/proc/${pid}/fd`);
    // A copy of /proc without the descriptors cannot show who holds what; a process that is gone has none.
    if (!system.live && fds.length === 0) return 'denied';
    for (const fd of fds) {
      const link = await linkIfThere(system, `/proc/${pid}/fd/${fd}`);
      const inode = Number(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? -1);
      if (inodes.has(inode)) found.add(inode);
    }
    return [...found];
  } catch (error) {
    if (error instanceof SystemError && error.why === 'missing') return [];
    if (error instanceof SystemError) return 'denied';
    throw error;
  }
}

/** A descriptor may be closed while it is looked at. */
async function linkIfThere(system: System, path: string): Promise<string> {
  try {
    return await system.readLink(path);
  } catch (error) {
    if (error instanceof SystemError && error.why === 'missing') return '';
    throw error;
  }
}

async function describe(system: System, pid: number, inodes: readonly number[]): Promise<Owners['owners']> {
  const [names, cgroup] = await Promise.all([
    processNames(system, pid),
    orNull(system.readText(`/proc/${pid}/cgroup`)),
  ]);
  const [process] = names;
  if (process === undefined) return [];
  const unit = serviceUnit(cgroup ?? '');
  return inodes.map((inode) => ({ inode, pid, process, names, unit }));
}

/** In a container /proc shows its own processes alone, while the sockets are those of the network namespace. */
async function seesEveryProcess(system: System): Promise<boolean> {
  const namespace = await orNull(system.readLink('/proc/self/ns/pid'));
  return namespace === null || namespace === FIRST_PID_NAMESPACE;
}
