import * as z from 'zod';
import { defineFact } from './define-fact.ts';
import { notShown, showsKernel } from './parts/kernel-shown.ts';

const schema = () =>
  z.object({
    release: z.string().describe('as `uname -r` prints it'),
    machine: z.string().nullable().describe('as `uname -m` prints it; kernels before 6.1 do not tell it in a file'),
    shown: notShown(),
  });

export default defineFact({
  title: 'kernel release',
  schema,
  read: async (system) => {
    if (!(await showsKernel(system))) return { release: '', machine: null, shown: false as const };
    return {
      release: (await system.readText('/proc/sys/kernel/osrelease')).trim(),
      machine: (await system.readTextIfThere('/proc/sys/kernel/arch'))?.trim() ?? null,
    };
  },
});
