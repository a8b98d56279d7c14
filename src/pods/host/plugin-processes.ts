import type { System } from '../../system/system.ts';

/** A process that works for a container. */
export interface PluginProcess {
  readonly pid: number;
  readonly containerId: string;
}

/** So many bytes of the name of its file a process is known by: TASK_COMM_LEN of the kernel, less one. */
const NAME_LENGTH = 15;

/** Plugins that work for anybody's container, by the names of their files: to read the environment of every process of a node takes long. */
export async function pluginsAtWork(
  system: System,
  processes: readonly number[],
  binDirs: readonly string[],
): Promise<PluginProcess[]> {
  const files = await Promise.all(binDirs.map((directory) => system.listIfThere(directory)));
  const names = new Set(files.flat().map((name) => name.slice(0, NAME_LENGTH)));
  const found: PluginProcess[] = [];
  for (const pid of processes) {
    const name = await orNull(system.readText(`/proc/${pid}/comm`));
    if (name !== null && names.has(name.trimEnd())) found.push(...(await workOf(system, pid)));
  }
  return found;
}

/** Of those that began since, whatever they are: a plugin may leave another program at work. */
export async function pluginsSince(
  system: System,
  processes: readonly number[],
  earlier: readonly number[],
): Promise<PluginProcess[]> {
  const known = new Set(earlier);
  const begun = processes.filter((pid) => !known.has(pid));
  return (await Promise.all(begun.map((pid) => workOf(system, pid)))).flat();
}

/** Environments are never rewritten by plugins: who works for a container says so from its start. */
async function workOf(system: System, pid: number): Promise<PluginProcess[]> {
  const [environment, network, own] = await Promise.all([
    orNull(system.readText(`/proc/${pid}/environ`)),
    orNull(system.readLink(`/proc/${pid}/ns/net`)),
    system.readLink('/proc/self/ns/net'),
  ]);
  const [, containerId] = /(?:^|\0)CNI_CONTAINERID=([^\0]*)/.exec(environment ?? '') ?? [];
  return containerId === undefined || network !== own ? [] : [{ pid, containerId }];
}

/** It may end while it is looked at. */
async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch {
    return null;
  }
}
