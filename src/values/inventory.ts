import * as z from 'zod';

/** What kind of machine it is, for people to read: the fact, and what the report shows of it. */
export const inventorySchema = () =>
  z.object({
    os: z.string(),
    kernel: z.string(),
    architecture: z.string(),
    virtualisation: z.string().nullable().describe('the hypervisor; null when none was recognised'),
    cpu: z.string(),
    cores: z.number(),
    memory: z.number().describe('bytes'),
  });

export type Inventory = z.infer<ReturnType<typeof inventorySchema>>;
