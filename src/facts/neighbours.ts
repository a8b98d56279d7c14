import * as z from 'zod';
import { defineFact } from './define-fact.ts';
import { notShown, showsKernel } from './parts/kernel-shown.ts';

const schema = () =>
  z.object({
    ipv4: z.number().describe('entries of /proc/net/arp that count against gc_thresh3: those that are not permanent'),
    overflows: z
      .number()
      .nullable()
      .describe('how often the IPv4 table was full since the boot; only the first network namespace shows it'),
    shown: notShown(),
  });

/** ATF_PERM of <linux/if_arp.h>: entries that the kernel does not count, such as flannel's. */
const PERMANENT = 0x04;

export default defineFact({
  title: 'neighbour table',
  schema,
  read: async (system) => {
    if (!(await showsKernel(system))) return { ipv4: 0, overflows: null, shown: false as const };
    const [, ...rows] = (await system.readText('/proc/net/arp')).split('\n');
    const counted = rows.filter((row) => row !== '' && (Number(row.split(/\s+/)[2]) & PERMANENT) === 0);
    const statistics = await system.readTextIfThere('/proc/net/stat/arp_cache');
    return { ipv4: counted.length, overflows: statistics === null ? null : tableFulls(statistics) };
  },
});

/** The last column, in hexadecimal, of a row for each processor. Kernels before 4.0 have no such column. */
function tableFulls(text: string): number | null {
  const [head = '', ...rows] = text.trim().split('\n');
  const column = head.split(/\s+/).indexOf('table_fulls');
  if (column < 0) return null;
  return rows.reduce((sum, row) => sum + (Number.parseInt(row.split(/\s+/)[column] ?? '0', 16) || 0), 0);
}
