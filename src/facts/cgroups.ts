import * as z from 'zod';
import { readTableIfThere } from '../system/kernel-table.ts';
import { SystemError, type System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';
import { notShown, showsKernel } from './parts/kernel-shown.ts';

const schema = () =>
  z.object({
    version: z
      .union([z.literal(1), z.literal(2)])
      .nullable()
      .describe('null when no cgroup file system is in use'),
    mount: z.string().nullable().describe('where it is mounted; null when only /proc tells the version'),
    controllers: z
      .array(z.string())
      .nullable()
      .describe(
        'controllers that are enabled; freezer is one of version 2 when groups can be frozen; null when they do not show',
      ),
    boundToVersion1: z
      .array(z.string())
      .optional()
      .describe('on a machine of version 2, controllers that hierarchies of version 1 keep from it'),
    shown: notShown(),
  });

type Value = z.infer<ReturnType<typeof schema>>;
interface Mount {
  readonly at: string;
  readonly type: string;
}

const USUAL = '/sys/fs/cgroup';

export default defineFact({
  title: 'control groups',
  schema,
  read: async (system): Promise<Value> => {
    if (!(await showsKernel(system))) return { version: null, mount: null, controllers: null, shown: false };
    const mounts = await system.readTextIfThere('/proc/mounts');
    const subsystems = await readTableIfThere(system, '/proc/cgroups');
    const found = await detect(system, parseMounts(mounts ?? ''));
    const { enabled, attached } = parseSubsystems(subsystems ?? '');
    if (found?.version === 2) {
      const controllers = await controllersOf(system, found.mount);
      return { ...found, controllers, ...(attached.length === 0 ? {} : { boundToVersion1: attached }) };
    }
    if (found !== null) return { ...found, controllers: subsystems === null ? null : enabled };
    // `ip netns exec` hides the mounts. A controller on a hierarchy of its own still tells version 1, a group of this process version 2.
    if (attached.length > 0) return { version: 1, mount: null, controllers: enabled };
    if (mounts === null) throw new SystemError('missing', '/proc/mounts: no such file', 'ENOENT');
    const isGrouped = /^0::\/./m.test((await system.readTextIfThere('/proc/self/cgroup')) ?? '');
    return { version: isGrouped ? 2 : null, mount: null, controllers: null };
  },
});

/** As kubeadm's system validators tell the versions apart: by what is mounted at the usual place, else by the first mount there is. */
async function detect(system: System, mounts: readonly Mount[]): Promise<{ version: 1 | 2; mount: string } | null> {
  const usual = mounts.findLast(({ at }) => at === USUAL);
  if (usual?.type === 'cgroup2') return { version: 2, mount: USUAL };
  if (usual?.type === 'tmpfs' && (await system.status(`${USUAL}/memory`))?.kind === 'directory')
    return { version: 1, mount: USUAL };
  const other = mounts.find(({ type }) => type === 'cgroup2') ?? mounts.find(({ type }) => type === 'cgroup');
  return other === undefined ? null : { version: other.type === 'cgroup2' ? 2 : 1, mount: other.at };
}

function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [, at, type] = line.split(' ');
    return at === undefined || type === undefined ? [] : [{ at, type }];
  });
}

/** /proc/cgroups: name, hierarchy, number of groups, enabled. Hierarchy 0 is that of version 2, or none. */
function parseSubsystems(text: string): { enabled: string[]; attached: string[] } {
  const rows = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row.length >= 4);
  return {
    enabled: rows.filter((row) => row[3] !== '0').map(([name = '']) => name),
    attached: rows.filter((row) => row[1] !== '0').map(([name = '']) => name),
  };
}

async function controllersOf(system: System, mount: string): Promise<string[]> {
  const listed = (await system.readText(`${mount}/cgroup.controllers`)).split(/\s+/).filter((name) => name !== '');
  return (await canFreeze(system, mount)) ? [...listed, 'freezer'] : listed;
}

/** The root group has no `cgroup.freeze`, its children do; kubeadm makes one to look, here one that is there is enough. */
async function canFreeze(system: System, mount: string): Promise<boolean> {
  for (const group of ['', ...(await system.list(mount)).map((name) => `/${name}`)])
    if ((await system.status(`${mount}${group}/cgroup.freeze`)) !== null) return true;
  return false;
}
