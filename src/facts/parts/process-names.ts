import { SystemError, type System } from '../../system/system.ts';

/** The kernel keeps this many characters of a command name. */
export const COMM_LENGTH = 15;

/** What a process is called, best first: its executable, its first argument, its command name. Empty when it is gone. */
export async function processNames(system: System, pid: number): Promise<string[]> {
  const [exe, command, comm] = await Promise.all([
    orNull(system.readLink(`/proc/${pid}/exe`)),
    orNull(system.readText(`/proc/${pid}/cmdline`)),
    orNull(system.readText(`/proc/${pid}/comm`)),
  ]);
  const names = [executableName(exe ?? ''), argumentName(command?.split('\0')[0] ?? ''), comm?.trimEnd() ?? ''];
  return [...new Set(names.filter((name) => name !== ''))];
}

/** `/usr/bin/kubelet (deleted)` after an upgrade; what lives in memory alone has no name of its own. */
function executableName(link: string): string {
  return link.startsWith('/memfd:') ? '' : baseName(link.replace(/ \(deleted\)$/, ''));
}

/** Programs rewrite it: `nginx: master process /usr/sbin/nginx`, `-bash`. */
export function argumentName(argument: string): string {
  return baseName(/^-?([^\s:]*)/.exec(argument)?.[1] ?? '');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Where container engines, the kubelet, sessions and services of users keep their processes. */
const NOT_OF_THE_SYSTEM = /^(?:.*\.scope|user@.*\.service|kubepods.*|docker|lxc)$/;

/** The service of the system's service manager that a process belongs to, from /proc/PID/cgroup: `nginx.service`. Null for any other process. */
export function serviceUnit(cgroup: string): string | null {
  const parts = cgroup.split('\n').flatMap((line) => /^\d+:[^:]*:(\/.*)$/.exec(line)?.[1]?.split('/') ?? []);
  // With cgroup v1 a container is in several hierarchies, and in one of them may still be where its engine started it.
  if (parts.some((part) => NOT_OF_THE_SYSTEM.test(part))) return null;
  return parts.findLast((part) => part.endsWith('.service')) ?? null;
}

/** Null for what a process hides, and for what went away with it. */
export async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof SystemError) return null;
    throw error;
  }
}

/** Process ids of the machine, oldest numbers first. */
export async function processIds(system: System): Promise<number[]> {
  const names = await system.list('/proc');
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}
