import { SystemError } from '../system/system.ts';
import { inventorySchema } from '../values/inventory.ts';
import { defineFact } from './define-fact.ts';

/** For people to read: `facts` and `check --verbose` do. No check needs it, so that any other run neither reads it nor pays for it. */
export default defineFact({
  title: 'what kind of machine it is',
  schema: inventorySchema,
  read: async (system) => {
    if (!system.native) throw new SystemError('unsupported', '--root: a directory has no hardware');
    const { readInventory } = await import('../system/inventory.ts');
    return readInventory();
  },
});
