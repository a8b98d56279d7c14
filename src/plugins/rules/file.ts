import * as z from 'zod';
import { describe, holds } from './assertions.ts';
import { observation, outcomeOf, type Observation } from './observation.ts';
import type { Expectation } from './rules-schema.ts';

export const FILE_KINDS = ['file', 'directory', 'socket', 'fifo', 'device'] as const;

/** What there is by a name; links are followed. */
export function observeFile(path: string, expected: Expectation): Observation {
  const schema = () =>
    z.object({
      file: z.literal(path),
      value: z.enum(FILE_KINDS).nullable().describe('what kind it is of; null when it is not there'),
    });
  return observation({
    subject: path,
    expected: describe(expected),
    mayBeUndecided: false,
    title: `what ${path} is`,
    schema,
    read: async (system) => ({ file: path, value: (await system.status(path))?.kind ?? null }),
    judge: ({ value }) => ({ outcome: outcomeOf(holds(expected, value)), actual: value ?? 'absent' }),
  });
}
