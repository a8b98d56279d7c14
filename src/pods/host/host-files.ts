import * as z from 'zod';
import { dataDirectoriesOf, isSharedFile } from '../../kubernetes/cni/traces.ts';
import type { System } from '../../system/system.ts';
import type { Scope } from './scope.ts';

/** Directories of the plugins by path: the container that each file is about, or null for a file of all. Null for one that is not there. */
export const directoriesSchema = () => z.record(z.string(), z.record(z.string(), z.string().nullable()).nullable());

type Directories = z.infer<ReturnType<typeof directoriesSchema>>;

/** What plugins keep in files. Throws a SystemError. */
export async function readDirectories(system: System, scope: Scope, since: Directories | null): Promise<Directories> {
  const found: Directories = {};
  for (const path of dataDirectoriesOf(scope.network)) {
    const there = (await system.status(path))?.kind === 'directory';
    const known = since === null ? null : (since[path] ?? {});
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

/** Those above them that are not there, the lowest first. */
export async function readAbsent(system: System, directories: readonly string[]): Promise<string[]> {
  const above = directories.flatMap((path) => {
    const parts = path.split('/');
    return parts.slice(2, -1).map((_, index) => parts.slice(0, index + 3).join('/'));
  });
  const lowestFirst = [...new Set(above)].sort((a, b) => b.length - a.length);
  const there = await Promise.all(lowestFirst.map((path) => system.status(path)));
  return lowestFirst.filter((_, index) => there[index] === null);
}
