import * as z from 'zod';
import { MODULE_NAMES, kernelModules } from '../kubernetes/kernel-features.ts';
import type { System } from '../system/system.ts';
import { defineFact } from './define-fact.ts';
import { notShown, showsKernel } from './parts/kernel-shown.ts';

const schema = () =>
  z.object({
    present: z
      .array(z.string())
      .describe('modules that the running kernel has, by /proc/modules, /sys/module or what they bring'),
    builtin: z
      .array(z.string())
      .nullable()
      .describe('modules in modules.builtin; null when this kernel has no such file here'),
    loadable: z
      .array(z.string())
      .nullable()
      .describe('modules in modules.dep; null when this kernel has no such file here'),
    shown: notShown(),
  });

const LIST_LIMIT = 16 * 1024 * 1024;

export default defineFact({
  title: 'kernel modules that are judged',
  schema,
  read: async (system) => {
    if (!(await showsKernel(system))) return { present: [], builtin: null, loadable: null, shown: false as const };
    const release = (await system.readTextIfThere('/proc/sys/kernel/osrelease'))?.trim() ?? '';
    return {
      present: await presentModules(system),
      builtin: await listed(system, release, 'modules.builtin'),
      loadable: await listed(system, release, 'modules.dep'),
    };
  },
});

async function presentModules(system: System): Promise<string[]> {
  const loaded = lines(await system.readTextIfThere('/proc/modules')).map((line) => line.split(' ')[0] ?? '');
  // File systems, built in or loaded; `overlay` is one.
  const fileSystems = lines(await system.readTextIfThere('/proc/filesystems')).map((line) => line.split('\t')[1] ?? '');
  const present: string[] = [];
  for (const [name, { trace }] of Object.entries(kernelModules)) {
    const shown =
      loaded.includes(name) ||
      fileSystems.includes(name) ||
      (await exists(system, `/sys/module/${name}`)) ||
      (trace !== null && (await exists(system, trace)));
    if (shown) present.push(name);
  }
  return present;
}

/** The judged modules in a list of paths such as `kernel/net/ipv4/ipip.ko.zst: …`; a file name has `-` where the module has `_` at will. */
async function listed(system: System, release: string, list: string): Promise<string[] | null> {
  if (release === '' || release.includes('/')) return null;
  const text = await system.readTextIfThere(`/lib/modules/${release}/${list}`, LIST_LIMIT);
  if (text === null) return null;
  const names = new Set(
    lines(text).map((line) => (/([^/:]+)\.ko(?:\.\w+)?(?::|$)/.exec(line)?.[1] ?? '').replaceAll('-', '_')),
  );
  return MODULE_NAMES.filter((name) => names.has(name));
}

async function exists(system: System, path: string): Promise<boolean> {
  return (await system.status(path)) !== null;
}

function lines(text: string | null): string[] {
  return text === null ? [] : text.split('\n');
}
