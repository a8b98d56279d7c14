import * as z from 'zod';
import { showsKernel } from '../../facts/parts/kernel-shown.ts';
import { SystemError } from '../../system/system.ts';
import { describe, holds, squeezed } from './assertions.ts';
import { observation, outcomeOf, type Observation } from './observation.ts';
import type { Expectation } from './rules-schema.ts';

const ROOT = '/proc/sys';
/** More than any parameter has. */
const LIMIT = 64 * 1024;

export function observeSysctl(key: string, expected: Expectation): Observation {
  const schema = () =>
    z.object({
      sysctl: z.literal(key),
      value: z.string().nullable().describe('null when the kernel has no such parameter'),
    });
  return observation({
    subject: key,
    expected: describe(expected),
    mayBeUndecided: expected.atLeast !== undefined || expected.atMost !== undefined,
    title: `kernel parameter ${key}`,
    schema,
    read: async (system) => {
      if (!(await showsKernel(system)))
        throw new SystemError('unsupported', 'this directory shows nothing of a kernel: it has no /proc');
      // Without /proc/sys nothing is known; without one key in it, that key is known to be missing.
      await system.list(ROOT);
      const text = await system.readTextIfThere(`${ROOT}/${pathOf(key)}`, LIMIT);
      return { sysctl: key, value: text === null ? null : squeezed(text) };
    },
    judge: ({ value }) => ({ outcome: outcomeOf(holds(expected, value)), actual: value ?? 'absent' }),
  });
}

/** As sysctl(8) reads it: with slashes first, dots are part of names; with dots first, slashes stand for those. */
function pathOf(key: string): string {
  const [separator] = /[./]/.exec(key) ?? [];
  return separator === '/' ? key : key.replaceAll(/[./]/g, (each) => (each === '.' ? '/' : '.'));
}
