import * as z from 'zod';
import { readTableIfThere } from '../system/kernel-table.ts';
import type { System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';

const schema = () =>
  z.object({
    cpus: z.number().nullable().describe('processors that programs may use; null: a directory that does not show it'),
    memory: z.number().nullable().describe('bytes of memory that the kernel manages'),
  });

export default defineFact({
  title: 'processors and memory',
  schema,
  read: async (system) => {
    const [cpus, meminfo] = await Promise.all([cpusOf(system), readTableIfThere(system, '/proc/meminfo')]);
    return { cpus, memory: parseMemTotal(meminfo ?? '') };
  },
});

/** This process may use what kubeadm may use: both go by the affinity mask. A directory shows the processors that were on. */
async function cpusOf(system: System): Promise<number | null> {
  if (system.live) {
    const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(await system.readText('/proc/self/status'))?.[1];
    return countCpus(list ?? '');
  }
  return countCpus((await system.readTextIfThere('/sys/devices/system/cpu/online')) ?? '');
}

/** How many processors a list of the kernel's form names, `0-3,8`; null when it is none. */
export function countCpus(list: string): number | null {
  let count = 0;
  for (const part of list.trim().split(',')) {
    const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first) return null;
    count += last - first + 1;
  }
  return count;
}

/** proc_meminfo(5): the same figure as sysinfo(2), which kubeadm asks. */
export function parseMemTotal(meminfo: string): number | null {
  const kibibytes = /^MemTotal:\s+(\d{1,12}) kB$/m.exec(meminfo)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}
