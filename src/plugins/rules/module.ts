import * as z from 'zod';
import { showsKernel } from '../../facts/parts/kernel-shown.ts';
import { SystemError, type System } from '../../system/system.ts';
import { describe, holds } from './assertions.ts';
import { observation, outcomeOf, type Observation } from './observation.ts';
import type { Expectation } from './rules-schema.ts';

export function observeModule(name: string, expected: Expectation): Observation {
  const schema = () =>
    z.object({
      module: z.literal(name),
      value: z.enum(['loaded', 'built-in']).nullable().describe('null when the running kernel does not have it'),
    });
  return observation({
    subject: name,
    expected: describe(expected),
    mayBeUndecided: false,
    title: `module ${name} of the kernel`,
    schema,
    read: async (system) => ({ module: name, value: await presence(system, name.replaceAll('-', '_')) }),
    judge: ({ value }) => ({ outcome: outcomeOf(holds(expected, value)), actual: value ?? 'absent' }),
  });
}

async function presence(system: System, name: string): Promise<'loaded' | 'built-in' | null> {
  if (!(await showsKernel(system)))
    throw new SystemError('unsupported', 'this directory shows nothing of a kernel: it has no /proc');
  const loaded = (await system.readTextIfThere('/proc/modules')) ?? '';
  if (loaded.split('\n').some((line) => line.startsWith(`${name} `))) return 'loaded';
  // Of what is built in it shows those that have parameters.
  if ((await system.status(`/sys/module/${name}`)) !== null) return 'built-in';
  const release = (await system.readText('/proc/sys/kernel/osrelease')).trim();
  const list = `/lib/modules/${release}/modules.builtin`;
  const builtIn = release.includes('/') ? null : await system.readTextIfThere(list);
  if (builtIn === null)
    throw new SystemError('missing', `${list}: not there, so that nobody can tell whether ${name} is built in`);
  const names = builtIn.split('\n').map((line) => /([^/]+)\.ko$/.exec(line.trim())?.[1]?.replaceAll('-', '_'));
  return names.includes(name) ? 'built-in' : null;
}
