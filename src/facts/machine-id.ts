import * as z from 'zod';
import { defineFact } from './define-fact.ts';

const schema = () => z.object({ machineId: z.string().describe('/etc/machine-id, without its newline') });

export default defineFact({
  title: 'machine-id',
  schema,
  read: async (system) => ({ machineId: (await system.readText('/etc/machine-id')).trim() }),
});
