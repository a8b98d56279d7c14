import * as z from 'zod';
import { describe } from './assertions.ts';
import { observation, outcomeOf, type Observation } from './observation.ts';
import type { Expectation } from './rules-schema.ts';

/** `0600`, `600` or `0o600`. */
const OCTAL = /^(?:0o?)?([0-7]{3,4})$/;

/** Permissions of a file; at most means that no bit is set beyond these. */
export function observeFileMode(path: string, expected: Expectation): Observation {
  const schema = () =>
    z.object({
      fileMode: z.literal(path),
      value: z.string().regex(OCTAL).nullable().describe('octal, as in 0640; null when there is no such file'),
    });
  return observation({
    subject: path,
    expected: describe(expected),
    mayBeUndecided: false,
    title: `permissions of ${path}`,
    schema,
    read: async (system) => {
      const status = await system.status(path);
      return { fileMode: path, value: status === null ? null : status.mode.toString(8).padStart(4, '0') };
    },
    judge: ({ value }) => ({
      outcome: outcomeOf(value !== null && fits(parseMode(value), expected)),
      actual: value ?? 'absent',
    }),
  });
}

export function isMode(text: string): boolean {
  return OCTAL.test(text);
}

function parseMode(text: string): number {
  return Number.parseInt(OCTAL.exec(text)?.[1] ?? '', 8);
}

function fits(mode: number, { equals, oneOf, atMost }: Expectation): boolean {
  if (atMost !== undefined) return (mode & ~parseMode(atMost)) === 0;
  return [...(oneOf ?? []), ...(equals === undefined ? [] : [equals])].some((each) => parseMode(each) === mode);
}
