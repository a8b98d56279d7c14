import { randomBytes } from 'node:crypto';
import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemError } from './errors.ts';
import { SystemError, type System } from './system.ts';

const net = () => process.getBuiltinModule('node:net');

/** Held until it is released, or its process ends: the kernel gives it back then. */
export interface MachineLock {
  release(): void;
}

/** Between two looks at who has it, in milliseconds; so that two do not stay in step, up to as long again. */
const PAUSE_MS = 20;

/**
 * Has something of this machine (of this network namespace, that is) for itself. Who wants it takes a name of its own among the abstract sockets,
 * and who finds the name of another one then gives its own back and asks again: of two that ask at once at least the later one sees the other.
 * Anybody may take such names: those of other users, root apart, are in nobody's way. Null when the wait was too long or was aborted. Throws a
 * SystemError.
 */
export async function machineLock(
  system: System,
  name: string,
  patienceMs: number,
  signal: AbortSignal,
): Promise<MachineLock | null> {
  const own = `${name}-${randomBytes(8).toString('hex')}`;
  const known = new Map<string, boolean>();
  const end = performance.now() + patienceMs;
  for (;;) {
    if (!(await isTaken(system, name, own, known))) {
      const server = await take(own);
      if (!(await isTaken(system, name, own, known))) return { release: () => server.close() };
      server.close();
    }
    if (signal.aborted || performance.now() >= end) return null;
    // Aborted, it has waited long enough.
    await sleep(PAUSE_MS * (1 + Math.random()), undefined, { signal }).catch(() => undefined);
  }
}

function take(name: string): Promise<Server> {
  const server = net().createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(systemError(error, `the name ${name}`)));
    server.listen({ path: `\0${name}` }, () => resolve(server.unref()));
  });
}

/** @param known By inode: whose a socket is does not change. */
async function isTaken(system: System, name: string, own: string, known: Map<string, boolean>): Promise<boolean> {
  const others = await socketsNamed(system, `${name}-`, own);
  const unknown = others.filter((inode) => !known.has(inode));
  if (unknown.length > 0) {
    const holders = await holdersOf(system, new Set(unknown));
    const trusted = new Set([0, process.getuid?.() ?? 0]);
    // Of one that no process is seen to have nothing is known: it may be in a container.
    for (const inode of unknown) known.set(inode, holders.get(inode)?.some((user) => trusted.has(user)) ?? true);
  }
  return others.some((inode) => known.get(inode) === true);
}

const TABLE_LIMIT = 64 * 1024 * 1024;

/** Inodes of the abstract sockets with such a name, but for our own: https://man7.org/linux/man-pages/man5/proc_net.5.html */
async function socketsNamed(system: System, prefix: string, own: string): Promise<string[]> {
  const rows = (await system.readText('/proc/net/unix', TABLE_LIMIT)).split('\n');
  return rows.flatMap((row) => {
    const [, inode, path] = /^\S+ \S+ \S+ \S+ \S+ \S+ +(\d+) @(.*)$/.exec(row) ?? [];
    return inode === undefined || path === undefined || path === own || !path.startsWith(prefix) ? [] : [inode];
  });
}

/** Users who run the processes that have these sockets; a program that becomes root by its file is still its user's. */
async function holdersOf(system: System, inodes: ReadonlySet<string>): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  for (const pid of (await system.list('/proc')).filter((name) => /^\d+$/.test(name))) {
    const held = (await socketsOf(system, pid)).filter((inode) => inodes.has(inode));
    if (held.length === 0) continue;
    const status = await orEmpty(system.readText(`/proc/${pid}/status`), '');
    const user = Number(/^Uid:\s*(\d+)/m.exec(status)?.[1] ?? 0);
    for (const inode of held) found.set(inode, [...(found.get(inode) ?? []), user]);
  }
  return found;
}

async function socketsOf(system: System, pid: string): Promise<string[]> {
  const descriptors = await orEmpty(system.list(`/proc/${pid}/fd`), []);
  const links = await Promise.all(
    descriptors.map((descriptor) => orEmpty(system.readLink(`/proc/${pid}/fd/${descriptor}`), '')),
  );
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

/** It ended meanwhile. */
async function orEmpty<T>(reading: Promise<T>, empty: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof SystemError) return empty;
    throw error;
  }
}
