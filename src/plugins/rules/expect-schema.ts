import * as z from 'zod';
import { integer, pattern, scalar } from './written-values.ts';

/** What a rule says of what was observed. Which of it fits which observation is told apart after it. */
export const expectSchema = () =>
  z
    .strictObject({
      equals: scalar().describe('the value').exactOptional(),
      oneOf: z.array(scalar()).min(1).max(100).describe('a list of values').exactOptional(),
      atLeast: integer().exactOptional(),
      atMost: integer().exactOptional(),
      matches: pattern().exactOptional(),
      exists: z.literal(true).describe('true, where it must be there').exactOptional(),
      absent: z.literal(true).describe('true, where it must not be there').exactOptional(),
    })
    .describe('one assertion, such as { equals: 1 }');
