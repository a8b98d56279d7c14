import * as z from 'zod';
import type { System } from '../../system/system.ts';

/** Part of the value of a fact that comes from /proc and /sys. */
export const notShown = () =>
  z
    .literal(false)
    .optional()
    .describe('false for a directory without /proc, such as a mounted disk: it shows nothing of a kernel');

/** Whether a kernel shows itself here: on a disk that does not run /proc and /sys are empty directories, or none. */
export async function showsKernel(system: System): Promise<boolean> {
  if (system.live) return true;
  const [proc, sys] = await Promise.all([system.listIfThere('/proc'), system.listIfThere('/sys')]);
  return proc.length + sys.length > 0;
}
