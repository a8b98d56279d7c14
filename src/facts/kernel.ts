import * as z from 'zod';
import { defineFact } from './define-fact.ts';

const schema = () =>
  z.object({
    release: z.string().describe('as `uname -r` prints it'),
    machine: z.string().nullable().describe('as `uname -m` prints it; kernels before 6.1 do not tell it in a file'),
  });

export default defineFact({
  title: 'kernel release',
  schema,
  read: async (system) => ({
    release: (await system.readText('/proc/sys/kernel/osrelease')).trim(),
    machine: (await system.readTextIfThere('/proc/sys/kernel/arch'))?.trim() ?? null,
  }),
});
