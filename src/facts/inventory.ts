import * as z from 'zod';
import { SystemError } from '../system/system.ts';
import { defineFact } from './define-fact.ts';

const schema = () =>
  z.object({
    os: z.string(),
    kernel: z.string(),
    architecture: z.string(),
    virtualisation: z.string().nullable().describe('the hypervisor; null when none was recognised'),
    cpu: z.string(),
    cores: z.number(),
    memory: z.number().describe('bytes'),
  });

/** For people to read: `facts` and `check --verbose` do. No check needs it, so that any other run neither reads it nor pays for it. */
export default defineFact({
  title: 'what kind of machine it is',
  schema,
  read: async (system) => {
    if (!system.live) throw new SystemError('unsupported', '--root: a directory has no hardware');
    const { readInventory } = await import('../system/inventory.ts');
    return readInventory();
  },
});
