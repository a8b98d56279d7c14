import { SystemError, type System } from '../../system/system.ts';

/** systemd.unit(5), the strongest first. */
const DIRECTORIES = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
] as const;

export interface SystemdUnit {
  readonly present: boolean;
  /** A link to /dev/null hides it: it cannot be started. */
  readonly masked: boolean;
  /** Another unit wants it, so that it starts with the machine. */
  readonly enabled: boolean;
  /** The unit file that counts and its drop-ins, in the order in which systemd reads them. */
  readonly texts: readonly string[];
}

/** A unit as its files tell; null where systemd does not run the machine. */
export async function systemdUnit(system: System, name: string): Promise<SystemdUnit | null> {
  if (!(await hasSystemd(system))) return null;
  const [file, dropIns, enabled] = await Promise.all([
    unitFile(system, name),
    dropInsOf(system, name),
    isWanted(system, name),
  ]);
  if (file === null) return { present: false, masked: false, enabled, texts: [] };
  const masked = await isMasked(system, file);
  const paths = masked ? [] : [file, ...dropIns];
  const texts = await Promise.all(paths.map((path) => system.readTextIfThere(path)));
  return { present: true, masked, enabled, texts: texts.map((text) => text ?? '') };
}

/** As sd_booted(3); a disk that is not booted shows what it would boot. */
async function hasSystemd(system: System): Promise<boolean> {
  if ((await system.status('/run/systemd/system')) !== null) return true;
  if (system.live) return false;
  const found = await Promise.all(
    ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'].map((path) => system.status(path)),
  );
  return found.some((status) => status !== null);
}

async function unitFile(system: System, name: string): Promise<string | null> {
  const lists = await Promise.all(DIRECTORIES.map((directory) => system.listIfThere(directory)));
  const home = DIRECTORIES.find((_, index) => lists[index]?.includes(name) === true);
  return home === undefined ? null : `${home}/${name}`;
}

async function dropInsOf(system: System, name: string): Promise<string[]> {
  const lists = await Promise.all(
    DIRECTORIES.map(async (directory) => {
      const files = await system.listIfThere(`${directory}/${name}.d`);
      return files
        .filter((file) => file.endsWith('.conf'))
        .map((file) => ({ file, path: `${directory}/${name}.d/${file}` }));
    }),
  );
  // Of two with one name the stronger directory's counts; among different names the order is that of the names.
  const byName = new Map(lists.toReversed().flatMap((list) => list.map(({ file, path }) => [file, path] as const)));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

async function isWanted(system: System, name: string): Promise<boolean> {
  const found = await Promise.all(
    DIRECTORIES.map(async (directory) => {
      const wants = (await system.listIfThere(directory)).filter((entry) =>
        /\.(?:wants|requires|upholds)$/.test(entry),
      );
      const lists = await Promise.all(wants.map((entry) => system.listIfThere(`${directory}/${entry}`)));
      return lists.some((list) => list.includes(name));
    }),
  );
  return found.includes(true);
}

/** `systemctl mask` puts a link to /dev/null in the unit's place. */
export async function isMasked(system: System, path: string): Promise<boolean> {
  try {
    return (await system.readLink(path)) === '/dev/null';
  } catch (error) {
    // EINVAL: it is there, and no link.
    if (error instanceof SystemError && error.code === 'EINVAL') return false;
    throw error;
  }
}
