import type { System } from './system.ts';
import { SystemError } from './system.ts';

/** A process that cannot be taken for a later one with its number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In ticks since the machine was started. */
  readonly started: string;
}

/** Null when there is no such process. */
export async function processIdentity(system: System, pid: number): Promise<ProcessIdentity | null> {
  const stat = await textOf(system, `/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name, in parentheses, may hold anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const started = rest[18];
  return state === 'Z' || started === undefined ? null : { pid, started };
}

export async function isAlive(system: System, { pid, started }: ProcessIdentity): Promise<boolean> {
  return (await processIdentity(system, pid))?.started === started;
}

/** Processes that have this variable, with one of these values, in the environment that they were started with. */
export async function processesWith(system: System, variable: string, values: readonly string[]): Promise<number[]> {
  const wanted = values.map((value) => `${variable}=${value}`);
  const found: number[] = [];
  for (const name of await system.list('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await textOf(system, `/proc/${name}/environ`);
    if (environment?.includes(`${variable}=`) !== true) continue;
    if (environment.split('\0').some((each) => wanted.includes(each))) found.push(Number(name));
  }
  return found;
}

/** At once, for good. Nothing happens when it is gone already. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

async function textOf(system: System, path: string): Promise<string | null> {
  try {
    return await system.readText(path);
  } catch (error) {
    // It ended meanwhile.
    if (error instanceof SystemError) return null;
    throw error;
  }
}
