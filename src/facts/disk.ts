import * as z from 'zod';
import { KUBELET_DIRECTORY, LOG_DIRECTORY, runtimeDirectories } from '../kubernetes/data-directories.ts';
import type { Settings } from '../plan/settings.ts';
import type { System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';
import { mountPointOf, parseMountPoints } from './parts/mount-points.ts';

/** What a file system holds, in the kubelet's words where it has one. */
const USES = ['nodefs', 'imagefs', 'etcd', 'logs'] as const;

const schema = () =>
  z.object({
    fileSystems: z
      .array(
        z.object({
          mountPoint: z.string().describe('where it is mounted'),
          holds: z
            .array(
              z.object({
                use: z.enum(USES).describe('in the kubelet’s words where it has one'),
                path: z.string().describe('the directory'),
              }),
            )
            .describe('what of a node is kept there'),
          total: z.number().describe('bytes'),
          available: z.number().describe('bytes that are left for programs without privileges'),
          inodes: z.number().describe('0: the file system makes them as needed'),
          inodesFree: z.number().describe('those that are left'),
        }),
      )
      .nullable()
      .describe('null: the disks of a directory are those of whoever reads it'),
  });

type FileSystem = NonNullable<z.infer<ReturnType<typeof schema>>['fileSystems']>[number];

export default defineFact({
  title: 'file systems that a node fills',
  schema,
  read: async (system, { plan }) => {
    if (!system.live) return { fileSystems: null };
    const points = parseMountPoints(await system.readText('/proc/self/mountinfo'));
    const wanted = [
      { use: 'nodefs' as const, path: KUBELET_DIRECTORY },
      { use: 'imagefs' as const, path: await runtimeDirectory(system, plan) },
      { use: 'etcd' as const, path: plan.etcdDataDir },
      { use: 'logs' as const, path: LOG_DIRECTORY },
    ];
    const placed = await Promise.all(
      wanted.map(async (each) => ({ ...each, mountPoint: mountPointOf(await existing(system, each.path), points) })),
    );
    const mountPoints = [...new Set(placed.map(({ mountPoint }) => mountPoint))];
    return {
      fileSystems: await Promise.all(
        mountPoints.map(async (mountPoint): Promise<FileSystem> => {
          const holds = placed.filter((each) => each.mountPoint === mountPoint);
          return {
            mountPoint,
            holds: holds.map(({ use, path }) => ({ use, path })),
            ...(await system.diskSpace(mountPoint)),
          };
        }),
      ),
    };
  },
});

/** That of the runtime whose socket was named, else the first that is there, else the usual one. */
async function runtimeDirectory(system: System, { criSocket }: Settings): Promise<string> {
  const named = runtimeDirectories.find(({ socket }) => criSocket?.includes(socket) === true);
  if (named !== undefined) return named.directory;
  for (const { directory } of runtimeDirectories) if ((await system.status(directory)) !== null) return directory;
  return runtimeDirectories[0].directory;
}

/** Where the path lies, or would: its nearest parent that exists, without links. */
async function existing(system: System, path: string): Promise<string> {
  let nearest = path.startsWith('/') ? path : '/';
  while (nearest !== '/' && (await system.status(nearest)) === null)
    nearest = nearest.slice(0, Math.max(1, nearest.lastIndexOf('/')));
  return system.realPath(nearest);
}
