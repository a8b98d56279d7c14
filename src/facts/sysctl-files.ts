import * as z from 'zod';
import { SYSCTLS } from '../kubernetes/sysctls.ts';
import { SystemError, type System } from '../system/system.ts';
import { parseSysctlFile } from '../values/sysctl-file.ts';
import { defineFact } from './define-fact.ts';

const schema = () =>
  z.object({
    assignments: z
      .array(
        z.object({
          key: z.string().describe('with slashes, as below /proc/sys; may hold * and ?'),
          value: z.string().nullable().describe('null for a line -key, which only keeps patterns away from the key'),
          file: z.string().describe('that says so'),
          line: z.number().describe('counted from 1'),
          atBoot: z.boolean().describe('applied at boot, and not only by `sysctl --system`'),
        }),
      )
      .describe('in the order in which they are applied: the last one wins'),
    unreadable: z.array(z.string()).describe('files that are there and could not be read'),
  });

type Value = z.infer<ReturnType<typeof schema>>;

/** From the strongest: a file hides those of the same name in the directories after its own. sysctl.d(5) */
const DIRECTORIES = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d'];
const SYSTEMD_SYSCTL = ['/usr/lib/systemd/systemd-sysctl', '/lib/systemd/systemd-sysctl'];
const FILE_LIMIT = 256 * 1024;
const VALUE_LIMIT = 256;

const SYSCTL_CONF = '/etc/sysctl.conf';

export default defineFact({
  title: 'files that set kernel parameters',
  schema,
  read: async (system) => {
    const value: Value = { assignments: [], unreadable: [] };
    for (const file of await sysctlFiles(system)) await append(system, await shownAs(system, file), true, value);
    // Last of all with `sysctl --system`. systemd-sysctl knows it only by the link that most distributions have in sysctl.d.
    const systemd = await Promise.all(SYSTEMD_SYSCTL.map((path) => system.status(path)));
    await append(
      system,
      SYSCTL_CONF,
      systemd.every((found) => found === null),
      value,
    );
    // ufw applies its own file when it starts, after all others.
    const ufw = await readOrNote(system, '/etc/ufw/ufw.conf', value.unreadable);
    if (/^\s*ENABLED\s*=\s*["']?yes/im.test(ufw ?? '')) await append(system, '/etc/ufw/sysctl.conf', true, value);
    return value;
  },
});

/** The files of all directories by name, each name once. */
async function sysctlFiles(system: System): Promise<string[]> {
  const found = new Map<string, string>();
  for (const directory of DIRECTORIES) {
    for (const name of await system.listIfThere(directory))
      if (name.endsWith('.conf') && !found.has(name)) found.set(name, `${directory}/${name}`);
  }
  return [...found].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map(([, path]) => path);
}

async function append(system: System, file: string, atBoot: boolean, to: Value): Promise<void> {
  const text = await readOrNote(system, file, to.unreadable);
  const concerning = parseSysctlFile(text ?? '').filter(({ key }) => isOfInterest(key));
  to.assignments.push(
    ...concerning.map(({ key, value, line }) => ({
      key,
      value: value?.slice(0, VALUE_LIMIT) ?? null,
      file,
      line,
      atBoot,
    })),
  );
}

function isOfInterest(key: string): boolean {
  return key.startsWith('net/') || /[*?]/.test(key) || SYSCTLS.some((known) => known === key);
}

async function readOrNote(system: System, file: string, unreadable: string[]): Promise<string | null> {
  try {
    // A link to /dev/null is how a file of a package is switched off.
    if ((await system.status(file))?.kind === 'device') return null;
    return await system.readTextIfThere(file, FILE_LIMIT);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    unreadable.push(file);
    return null;
  }
}

/** A link to /etc/sysctl.conf is told as that file, which is what a person edits. */
async function shownAs(system: System, file: string): Promise<string> {
  try {
    return (await system.realPath(file)) === SYSCTL_CONF ? SYSCTL_CONF : file;
  } catch (error) {
    if (error instanceof SystemError) return file;
    throw error;
  }
}
