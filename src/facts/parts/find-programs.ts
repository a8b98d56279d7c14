import type { System } from '../../system/system.ts';

/** Where distributions keep programs; /opt/bin is Flatcar's. */
const DIRECTORIES = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/opt/bin',
] as const;

/** The path of each program, or null for one that is not installed. Null as a whole: a directory that holds no programs at all cannot show which are missing. */
export async function findPrograms(
  system: System,
  names: readonly string[],
): Promise<Record<string, string | null> | null> {
  if (system.native) {
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await system.programs.find(name)] as const)),
    );
  }
  const lists = await Promise.all(DIRECTORIES.map((directory) => system.listIfThere(directory)));
  if (lists.every((list) => list.length === 0)) return null;
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await firstExecutable(system, name)] as const)),
  );
}

async function firstExecutable(system: System, name: string): Promise<string | null> {
  for (const directory of DIRECTORIES) {
    const path = `${directory}/${name}`;
    const status = await system.status(path);
    if (status?.kind === 'file' && (status.mode & 0o111) !== 0) return path;
  }
  return null;
}
