import * as z from 'zod';
import { INTERFACE_SYSCTLS, SYSCTLS } from '../kubernetes/sysctls.ts';
import { SystemError, type System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';
import { notShown, showsKernel } from './parts/kernel-shown.ts';

const ROOT = '/proc/sys';

const schema = () =>
  z.object({
    values: z
      .record(z.string(), z.string())
      .describe('values by key, such as net/ipv4/ip_forward; absent when the kernel has no such key'),
    denied: z.array(z.string()).describe('keys that are there and could not be read'),
    shown: notShown(),
  });

export default defineFact({
  title: 'kernel parameters',
  schema,
  read: async (system) => {
    if (!(await showsKernel(system))) return { values: {}, denied: [], shown: false as const };
    // Without /proc/sys nothing is known; without one key in it, that key is known to be missing.
    await system.list(ROOT);
    const keys = [...SYSCTLS, ...(await interfaceKeys(system))];
    const values: Record<string, string> = {};
    const unread: string[] = [];
    for (const key of keys) {
      try {
        const text = await system.readTextIfThere(`${ROOT}/${key}`);
        if (text === null) continue;
        if (isShown(key, text.trim())) values[key] = text.trim();
        else unread.push(key);
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        unread.push(key);
      }
    }
    return { values, denied: unread };
  },
});

/** Numbers, or a list of ports that may be empty: anything else is not what a kernel shows, as in a copy that tar made. */
function isShown(key: string, text: string): boolean {
  return key === 'net/ipv4/ip_local_reserved_ports' ? /^[\d,-]*$/.test(text) : /^-?\d+(?:\s+-?\d+)*$/.test(text);
}

async function interfaceKeys(system: System): Promise<string[]> {
  const keys: string[] = [];
  for (const [directory, names] of Object.entries(INTERFACE_SYSCTLS)) {
    const interfaces = await system.listIfThere(`${ROOT}/${directory}`);
    keys.push(...interfaces.flatMap((name) => names.map((leaf) => `${directory}/${name}/${leaf}`)));
  }
  return keys;
}
