import * as z from 'zod';
import { findPrograms } from '../../facts/parts/find-programs.ts';
import { SystemError } from '../../system/system.ts';
import { describe, holds } from './assertions.ts';
import { observation, outcomeOf, type Observation } from './observation.ts';
import type { Expectation } from './rules-schema.ts';

/** A program by its name, on PATH and in the system's own directories. */
export function observeCommand(name: string, expected: Expectation): Observation {
  const schema = () =>
    z.object({
      command: z.literal(name),
      value: z.string().nullable().describe('its path; null when it is not installed'),
    });
  return observation({
    subject: name,
    expected: describe(expected),
    mayBeUndecided: false,
    title: `where the program ${name} is`,
    schema,
    read: async (system) => {
      const found = await findPrograms(system, [name]);
      if (found === null) throw new SystemError('unsupported', 'this directory holds no programs at all');
      return { command: name, value: found[name] ?? null };
    },
    judge: ({ value }) => ({ outcome: outcomeOf(holds(expected, value)), actual: value ?? 'absent' }),
  });
}
