import { SystemError, type System } from '../../system/system.ts';

/** Whether systemd has a unit running, told by files that everybody may read: what it keeps of its units, else their control group. */
export async function isUnitActive(system: System, unit: string): Promise<boolean> {
  if (await isLink(system, `/run/systemd/units/invocation:${unit}`)) return true;
  const groups = await Promise.all(
    ['/sys/fs/cgroup/system.slice', '/sys/fs/cgroup/systemd/system.slice', '/sys/fs/cgroup/unified/system.slice'].map(
      (slice) => system.status(`${slice}/${unit}`),
    ),
  );
  return groups.some((found) => found !== null);
}

/** The link leads to an identifier, not to a file. */
async function isLink(system: System, path: string): Promise<boolean> {
  try {
    await system.readLink(path);
    return true;
  } catch (error) {
    if (error instanceof SystemError && error.why !== 'denied') return false;
    throw error;
  }
}
