import * as z from 'zod';
import { defineFact } from './define-fact.ts';

const schema = () =>
  z.object({
    machineId: z.string().nullable().describe('/etc/machine-id, without its newline; null where there is no such file'),
  });

export default defineFact({
  title: 'machine-id',
  schema,
  read: async (system) => ({ machineId: (await system.readTextIfThere('/etc/machine-id'))?.trim() ?? null }),
});
