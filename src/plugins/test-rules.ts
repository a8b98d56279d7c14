import assert from 'node:assert/strict';
import type { Node } from '../engine/node.ts';
import type { Finding } from '../report/schema.ts';
import { liveSystem } from '../system/live.ts';
import { rulesPlugin } from './rules/rules-plugin.ts';
import { testAnyCheck, type TestFunction } from './test-check.ts';

interface RuleCase {
  readonly name: string;
  readonly node?: Partial<Node>;
  /** What the rule observes, as `seaworthy facts --plugin FILE` prints its value. */
  readonly observed: unknown;
  /** The finding; each field that is given must be equal, and one that is undefined must be absent. */
  readonly expect: Partial<Finding>;
}

/** Tests the rules of a file with the test function of a test runner: `cases` by the id of the rule. Every rule has to have some, and each of its reasons one. */
export async function testRules(
  file: string,
  cases: Readonly<Record<string, readonly RuleCase[]>>,
  test: TestFunction,
): Promise<void> {
  const text = await liveSystem().readText(file);
  const { name, checks, facts } = await rulesPlugin(text, file, new Set(), 5_000);
  const ids = Object.keys(facts);
  test(`${file}: every rule has cases, and no other`, () =>
    assert.deepEqual(Object.keys(cases).toSorted(), ids.toSorted()));
  for (const check of checks) {
    const id = check.id.slice(name.length + 1);
    const judge = (cases[id] ?? []).map(({ observed, expect, ...rest }) => ({
      ...rest,
      // That it is none that could be observed is the mistake of the case.
      facts: { [check.id]: facts[id]?.schema().parse(observed) },
      expect: [expect],
    }));
    testAnyCheck<never, never>({ ...check, needs: [] }, { judge }, test);
  }
}
