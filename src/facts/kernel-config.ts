import * as z from 'zod';
import { JUDGED_OPTIONS } from '../kubernetes/kernel-features.ts';
import { SystemError, type System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';

const schema = () =>
  z.object({
    file: z
      .string()
      .nullable()
      .describe('where the options were found; null when the kernel’s configuration is nowhere'),
    options: z.record(z.string(), z.string()).describe('judged build options that are set, without CONFIG_: y or m'),
    shown: z
      .literal(false)
      .optional()
      .describe('false for a directory that does not say which kernel it runs, or holds none of the places to look in'),
  });

/** Where kubeadm looks, in its order: https://github.com/kubernetes/system-validators/blob/master/validators/kernel_validator.go */
const placesFor = (release: string) => [
  '/proc/config.gz',
  `/boot/config-${release}`,
  `/usr/src/linux-${release}/.config`,
  '/usr/src/linux/.config',
  `/usr/lib/modules/${release}/config`,
  `/usr/lib/ostree-boot/config-${release}`,
  `/usr/lib/kernel/config-${release}`,
  `/usr/src/linux-headers-${release}/.config`,
  `/lib/modules/${release}/build/.config`,
];

const UNPACKED_LIMIT = 4 * 1024 * 1024;

export default defineFact({
  title: 'kernel build options that are judged',
  schema,
  read: async (system) => {
    const release = (await system.readTextIfThere('/proc/sys/kernel/osrelease'))?.trim() ?? '';
    for (const file of placesFor(release.replaceAll('/', ''))) {
      const text = await textOf(system, file);
      if (text !== null) return { file, options: judgedOptions(text) };
    }
    const isHere = system.live || (release !== '' && (await holdsKernel(system, release)));
    return isHere ? { file: null, options: {} } : { file: null, options: {}, shown: false as const };
  },
});

/** A copy of /etc and /proc alone does not tell what the machine has in /boot. */
async function holdsKernel(system: System, release: string): Promise<boolean> {
  const places = await Promise.all([system.listIfThere('/boot'), system.listIfThere(`/lib/modules/${release}`)]);
  return places.some((names) => names.length > 0);
}

async function textOf(system: System, file: string): Promise<string | null> {
  if ((await system.status(file)) === null) return null;
  if (!file.endsWith('.gz')) return system.readText(file);
  const packed = await system.readBytes(file);
  try {
    // Loaded here: few kernels have the file.
    return process
      .getBuiltinModule('node:zlib')
      .gunzipSync(packed, { maxOutputLength: UNPACKED_LIMIT })
      .toString('utf8');
  } catch (error) {
    throw new SystemError('error', `${file}: it cannot be unpacked`, null, error);
  }
}

function judgedOptions(text: string): Record<string, string> {
  const set = [...text.matchAll(/^CONFIG_(\w+)=([ym])$/gm)].map(([, name = '', value = '']) => [name, value] as const);
  return Object.fromEntries(set.filter(([name]) => JUDGED_OPTIONS.has(name)));
}
