import type { Fact } from '../../src/facts/define-fact.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import type { Settings } from '../../src/plan/settings.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import type { System } from '../../src/system/system.ts';
import { withDirectory, type Files } from '../hosts/directory.ts';

/** A fact of a machine that is these files; `differs` turns its system into another one, a live one for instance. */
export async function readFrom<T>(
  fact: Fact<T>,
  files: Files,
  { plan = {}, differs = {} }: { plan?: Partial<Settings>; differs?: Partial<System> } = {},
): Promise<T> {
  return withDirectory(files, async (root) => {
    const system = { ...rootedSystem(root), ...differs };
    const value = await fact.read(system, { plan: { ...DEFAULTS, ...plan }, signal: new AbortController().signal });
    // What is saved must be read again as it was.
    return fact.schema().parse(JSON.parse(JSON.stringify(value)));
  });
}
