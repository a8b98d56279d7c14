import * as z from 'zod';
import { SystemError, type System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';
import { notShown, showsKernel } from './parts/kernel-shown.ts';

const schema = () =>
  z.object({
    hostname: z.string().describe('the kernel’s host name; of a disk that does not run the one of /etc/hostname'),
    shown: notShown(),
  });

export default defineFact({
  title: 'host name',
  schema,
  read: async (system) => {
    const hostname = await readHostname(system);
    return hostname === null ? { hostname: '', shown: false as const } : { hostname };
  },
});

/** Null where neither a kernel nor a file tells it. hostname(5): a line that begins with # is a comment. */
export async function readHostname(system: System): Promise<string | null> {
  if (await showsKernel(system)) {
    const text = await system.readTextIfThere('/proc/sys/kernel/hostname');
    // A kernel without a name shows an empty line; a file without one is a copy that tar made.
    if (text !== null && text !== '') return text.trim();
    if (system.live) throw new SystemError('missing', '/proc/sys/kernel/hostname: no such file', 'ENOENT');
  }
  const lines = ((await system.readTextIfThere('/etc/hostname')) ?? '').split('\n').map((line) => line.trim());
  return lines.find((line) => line !== '' && !line.startsWith('#')) ?? null;
}
