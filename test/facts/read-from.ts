import { expect } from 'vitest';
import type { Fact } from '../../src/facts/define-fact.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { withDirectory, type Files } from '../hosts/directory.ts';

/** What a fact reads of a machine that is these files; its schema holds what it read. */
export async function readFrom<T>(fact: Fact<T>, files: Files): Promise<T> {
  return withDirectory(files, async (root) => {
    const value = await fact.read(rootedSystem(root), { plan: DEFAULTS, signal: new AbortController().signal });
    expect(fact.schema().parse(value)).toEqual(value);
    return value;
  });
}
