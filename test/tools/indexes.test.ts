import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedIndexes } from '../../tools/indexes.ts';

test.each(generatedIndexes())('$path is up to date: npm run indexes', ({ path, text }) => {
  expect(readFileSync(path, 'utf8')).toBe(text);
});
