import type { System } from '../../system/system.ts';
import { orNull } from './process-names.ts';

/**
 * Whether other users' processes can be seen, told by the first one of all. /proc mounted with hidepid hides them from whoever is not
 * root; a disk or a copy of files has none.
 */
export async function processesShown(system: System): Promise<'shown' | 'hidden' | 'not-recorded'> {
  if ((await orNull(system.readText('/proc/1/comm'))) !== null) return 'shown';
  return system.live ? 'hidden' : 'not-recorded';
}
