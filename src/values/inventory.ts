import * as z from 'zod';

/** What kind of machine it is, for people to read: the fact, and what the report shows of it. */
export const inventorySchema = () =>
  z.object({
    os: z.string().describe('distribution and version'),
    kernel: z.string().describe('release of the kernel'),
    architecture: z.string().describe('of the machine'),
    virtualisation: z.string().nullable().describe('the hypervisor; null when none was recognised'),
    cpu: z.string().describe('what the processor calls itself'),
    cores: z.number().describe('logical processors'),
    memory: z.number().describe('bytes'),
  });

export type Inventory = z.infer<ReturnType<typeof inventorySchema>>;
