import { expect, test } from 'vitest';
import * as z from 'zod';
import { misfit } from '../../src/values/misfit.ts';

const schema = z.object({
  nodes: z.array(z.object({ name: z.string() })).min(1),
  place: z
    .string()
    .refine((text) => text !== 'nowhere', 'no such place')
    .optional(),
});

test.each([
  [{ nodes: [{ name: 7 }] }, 'nodes.0.name: it is missing, or of another kind than it should be'],
  [{ nodes: [{}] }, 'nodes.0.name: it is missing, or of another kind than it should be'],
  [{ nodes: [] }, 'nodes: it holds too little'],
  [7, 'it is missing, or of another kind than it should be'],
  [{ nodes: [{ name: 'w1' }], place: 'nowhere' }, 'place: no such place'],
])('%j', (document, said) => {
  const { error } = schema.safeParse(document);
  expect(error && misfit(error)).toBe(said);
});
