import * as z from 'zod';
import { readTableIfThere } from '../system/kernel-table.ts';
import type { System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';
import { isMasked } from './parts/systemd-unit.ts';
import { unescapeOctal } from './parts/unescape-octal.ts';

const schema = () =>
  z.object({
    devices: z
      .array(
        z.object({
          name: z.string().describe('device or file'),
          type: z.string().describe('partition or file'),
          size: z.number().describe('bytes'),
          used: z.number().describe('bytes'),
        }),
      )
      .nullable()
      .describe('swap that is on; null: a directory without /proc cannot show it'),
    fstab: z.array(z.string()).describe('swap that /etc/fstab turns on at boot'),
    units: z.array(z.string()).describe('swap units in /etc/systemd/system'),
    zramGenerator: z.boolean().describe('zram-generator is configured, so that it makes swap in memory at boot'),
  });

export default defineFact({
  title: 'swap',
  schema,
  read: async (system) => {
    const [devices, fstab, units, zramGenerator] = await Promise.all([
      devicesOf(system),
      system.readTextIfThere('/etc/fstab'),
      unitsOf(system),
      hasZramGenerator(system),
    ]);
    return { devices, fstab: parseFstab(fstab ?? ''), units, zramGenerator };
  },
});

/** A kernel without swap has no such file. */
async function devicesOf(system: System) {
  const text = await readTableIfThere(system, '/proc/swaps');
  if (text !== null) return parseSwaps(text);
  return system.live || (await system.status('/proc/meminfo')) !== null ? [] : null;
}

/** proc_swaps(5): a header, then name, type, size, used (both in KiB) and priority. A name's white space is octal. */
export function parseSwaps(text: string) {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [name, type, size, used] = line.split(/\s+/);
      if (name === undefined || name === '' || type === undefined) return [];
      return [{ name: unescapeOctal(name), type, size: bytes(size), used: bytes(used) }];
    });
}

function bytes(kibibytes: string | undefined): number {
  return /^\d{1,12}$/.test(kibibytes ?? '') ? Number(kibibytes) * 1024 : 0;
}

/** fstab(5): what `swapon -a` and systemd turn on; not what says `noauto`. */
export function parseFstab(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [device, , type, options] = line.trim().split(/\s+/);
    if (device === undefined || device.startsWith('#') || type !== 'swap') return [];
    return (options ?? '').split(',').includes('noauto') ? [] : [unescapeOctal(device)];
  });
}

async function unitsOf(system: System): Promise<string[]> {
  const names = await system.listIfThere('/etc/systemd/system');
  const swap = names.filter((name) => name.endsWith('.swap'));
  const masked = await Promise.all(swap.map((name) => isMasked(system, `/etc/systemd/system/${name}`)));
  return swap.filter((_, index) => masked[index] !== true);
}

/** The first file that exists counts; an empty one turns the generator off: zram-generator(8). */
async function hasZramGenerator(system: System): Promise<boolean> {
  for (const directory of ['/etc/systemd', '/run/systemd', '/usr/local/lib/systemd', '/usr/lib/systemd']) {
    const text = await system.readTextIfThere(`${directory}/zram-generator.conf`);
    if (text !== null) return /^\s*\[zram\d/m.test(text);
  }
  return false;
}
