import * as z from 'zod';
import { defineFact } from './define-fact.ts';

const schema = () => z.object({ hostname: z.string().describe('the kernel’s host name') });

export default defineFact({
  title: 'host name',
  schema,
  read: async (system) => ({ hostname: (await system.readText('/proc/sys/kernel/hostname')).trim() }),
});
