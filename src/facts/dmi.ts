import * as z from 'zod';
import { defineFact } from './define-fact.ts';
import { notShown, showsKernel } from './parts/kernel-shown.ts';

const schema = () =>
  z.object({
    present: z.boolean().describe('the firmware has DMI tables'),
    productUuid: z.string().nullable().describe('null where the firmware names none'),
    productName: z
      .string()
      .nullable()
      .describe('what the maker calls the machine; null where the firmware does not say'),
    sysVendor: z.string().nullable().describe('its maker; null where the firmware does not say'),
    shown: notShown(),
  });

const DIRECTORY = '/sys/class/dmi/id';

export default defineFact({
  title: 'DMI: product UUID, name and vendor',
  schema,
  read: async (system) => {
    if (!(await showsKernel(system)))
      return { present: false, productUuid: null, productName: null, sysVendor: null, shown: false as const };
    const attribute = async (name: string) => (await system.readTextIfThere(`${DIRECTORY}/${name}`))?.trim() ?? null;
    const [directory, productUuid, productName, sysVendor] = await Promise.all([
      system.status(DIRECTORY),
      attribute('product_uuid'),
      attribute('product_name'),
      attribute('sys_vendor'),
    ]);
    return { present: directory !== null, productUuid, productName, sysVendor };
  },
});
