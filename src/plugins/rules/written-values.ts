import * as z from 'zod';
import { ENGINE_REASONS } from '../../engine/reasons.ts';
import { PatternError } from '../../values/pattern-syntax.ts';
import { compilePattern } from '../../values/pattern.ts';
import { wrongPlaceholder } from './placeholders.ts';

/** Descriptions complete the sentence "must be …": they are what a mistake is answered with. */

/** No escape code and no line end gets from a file of rules to a terminal. */
export const line = (longest = 300) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u);
export const lines = () =>
  z
    .string()
    .max(64 * 1024)
    .regex(/^(?:[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|[\n\t])*$/u);
export const prose = (what: string) =>
  line(1000)
    .superRefine((text, context) => {
      const wrong = wrongPlaceholder(text);
      if (wrong !== null) context.addIssue(wrong);
    })
    .describe(what);
export const word = () =>
  z
    .string()
    .max(64)
    .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
export const path = () =>
  line(4096)
    .regex(/^(?!.*\/\.\.(?:\/|$))\//)
    .describe('a path that begins with / and has no ..');
/** YAML makes numbers and switches of what is compared as text. */
export const scalar = () => z.union([line(1000), z.number(), z.boolean()]).transform(String);
export const integer = () =>
  scalar()
    .refine((text) => /^(?:-?(?:0|[1-9]\d{0,30})|0[0-7]{3,4})$/.test(text), { error: 'must be a whole number' })
    .describe('a whole number; of the mode of a file octal, as in 0640');
export const pattern = () =>
  line(1000)
    .superRefine((text, context) => {
      try {
        compilePattern(text);
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        context.addIssue(`is a pattern that ${error.message}`);
      }
    })
    .describe('a regular expression: characters, classes, groups, | and repetitions');
export const reason = () =>
  word()
    .refine((text) => text !== 'undecided' && !Object.hasOwn(ENGINE_REASONS, text), {
      error: 'is a reason that seaworthy itself gives',
    })
    .describe('a reason for scripts: small letters, digits and dashes, as in too-short');
