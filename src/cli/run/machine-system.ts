import type { Settings } from '../../plan/settings.ts';
import { liveSystem } from '../../system/live.ts';
import type { System } from '../../system/system.ts';
import { UsageError } from '../usage-error.ts';

type Place = Pick<Settings, 'root' | 'facts'>;

/** This machine, seen from itself or from a container of it, or the directory that stands for another one. Throws a UsageError. */
export async function machineSystem({ root }: Pick<Settings, 'root'>): Promise<System> {
  if (root === null) return liveSystem();
  if (await isMounted(root)) return (await import('../../system/mounted.ts')).mountedSystem(root);
  return (await import('../../system/rooted.ts')).rootedSystem(root);
}

/** Whether a machine is judged that runs, so that packets can be sent from it. Throws a UsageError. */
export async function isRunning({ root, facts }: Place): Promise<boolean> {
  return facts.length === 0 && (root === null || (await isMounted(root)));
}

/** Throws a UsageError, in the words of whoever wanted to send packets. */
export async function requireRunning(place: Place, about: string): Promise<void> {
  if (await isRunning(place)) return;
  throw new UsageError(
    `${about}: packets go between running machines, not with ${place.root === null ? '--facts' : '--root'}.`,
  );
}

/** Whether the directory is where a container has the file system of its machine. */
async function isMounted(root: string): Promise<boolean> {
  const standing = await (await import('../../system/mounted.ts')).standingOf(root);
  if (standing === 'another network')
    throw new UsageError(
      `--root ${root}: that is a running machine, and this process has another network than it, which it would take for the machine’s.`,
      'Start the container in the network of its machine: hostNetwork: true in a pod, --network=host for Docker and Podman.',
    );
  return standing === 'this machine';
}
