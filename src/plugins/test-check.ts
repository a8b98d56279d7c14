import assert from 'node:assert/strict';
import { finish } from '../engine/finding.ts';
import { today } from '../engine/waivers.ts';
import type { Check, CheckDefinition, FactsOf, Reasons } from '../engine/check.ts';
import type { Node } from '../engine/node.ts';
import type { FactName } from '../evidence/facts.ts';
import type { Probed, ProbeRequest } from '../evidence/probes.ts';
import type { ControlProblem, SshTrouble } from '../evidence/control-problems.ts';
import { DEFAULTS } from '../plan/defaults.ts';
import type { Settings } from '../plan/settings.ts';
import type { Finding } from '../report/schema.ts';

/** One node of a case: what differs from a fresh worker called w1. */
interface CaseNode<N extends FactName, W extends FactName> {
  readonly node?: Partial<Node>;
  /** Between nodes: why it could not be reached. */
  readonly unreachable?: string;
  /** What was in the way. */
  readonly problem?: ControlProblem;
  /** The same, where it was tried over ssh. */
  readonly ssh?: SshTrouble;
  /** Needed facts as values, wanted ones as readings. */
  readonly facts: FactsOf<N, W>;
}

interface JudgeCase<N extends FactName, W extends FactName> extends CaseNode<N, W> {
  readonly name: string;
  readonly plan?: Partial<Settings>;
  /** Other nodes of the run. */
  readonly beside?: readonly Partial<Node>[];
  /** They take part as peers. */
  readonly met?: boolean;
  /** The findings in their order; each field that is given must be equal, and one that is undefined must be absent. */
  readonly expect: readonly Partial<Finding>[];
}

interface CompareCase<N extends FactName, W extends FactName> {
  readonly name: string;
  readonly nodes: readonly CaseNode<N, W>[];
  readonly plan?: Partial<Settings>;
  /** What came of the packets, with the names of the nodes. */
  readonly probed?: readonly Probed[];
  /** false: of a run that has no packets at all. */
  readonly sent?: boolean;
  readonly expect: readonly Partial<Finding>[];
}

interface ProbesCase<N extends FactName, W extends FactName> {
  readonly name: string;
  readonly nodes: readonly CaseNode<N, W>[];
  readonly plan?: Partial<Settings>;
  readonly expect: readonly ProbeRequest[];
}

export interface Cases<N extends FactName, W extends FactName> {
  readonly judge?: readonly JudgeCase<N, W>[];
  readonly compare?: readonly CompareCase<N, W>[];
  readonly probes?: readonly ProbesCase<N, W>[];
}

/** `test` of any runner: vitest, node:test. */
export type TestFunction = (name: string, body: () => void) => unknown;

/** Turns tables into tests of one check, and adds one that fails when a declared reason has no case. */
export function testCheck<N extends FactName, W extends FactName, R extends Reasons>(
  check: CheckDefinition<N, W, R> & Check,
  cases: Cases<N, W>,
  test: TestFunction,
): void {
  testAnyCheck(check, cases, test);
}

/** The same for a check whose types are not known. */
export function testAnyCheck<N extends FactName, W extends FactName>(
  check: Check,
  cases: Cases<N, W>,
  test: TestFunction,
): void {
  const seen = new Set<string>();
  const expectFindings = (actual: readonly Finding[], expected: readonly Partial<Finding>[]) => {
    for (const { reason } of actual) seen.add(reason);
    const picked = actual.map((finding, index) =>
      pick(finding, Object.keys(expected[index] ?? { reason: '', subject: '' })),
    );
    assert.deepEqual(picked, expected);
  };
  for (const each of cases.judge ?? [])
    test(`${check.id}: ${each.name}`, () => expectFindings(judged(check, each), each.expect));
  for (const each of cases.compare ?? [])
    test(`${check.id} between nodes: ${each.name}`, () => expectFindings(compared(check, each), each.expect));
  for (const each of cases.probes ?? [])
    test(`${check.id} asks for packets: ${each.name}`, () => assert.deepEqual(asked(check, each), each.expect));
  test(`${check.id}: every reason has a case`, () => {
    const declared = Object.keys(check.reasons);
    assert.deepEqual(
      declared.filter((reason) => !seen.has(reason)),
      [],
    );
  });
}

function judged<N extends FactName, W extends FactName>(
  check: Check,
  { facts, node, plan, beside = [], met = false }: JudgeCase<N, W>,
): Finding[] {
  const settings = { ...DEFAULTS, ...plan };
  const self = caseNode(node, 'w1');
  const nodes = [self, ...beside.map((each, index) => caseNode(each, `w${index + 2}`))];
  const drafts = check.judge?.(facts, { node: self, plan: settings, nodes, met }) ?? [];
  return drafts.map((draft) => finish(check, [self], draft, { ...settings, day: today() }));
}

function compared<N extends FactName, W extends FactName>(
  check: Check,
  { nodes, plan, probed = [], sent = true }: CompareCase<N, W>,
): Finding[] {
  const settings = { ...DEFAULTS, ...plan };
  const all = caseNodes(nodes);
  const drafts = check.compare?.(all, { plan: settings, probed, sent }) ?? [];
  return drafts.map(({ nodes: names, ...draft }) => {
    const named = names.flatMap((name) => all.map(({ node: each }) => each).filter((each) => each.name === name));
    return finish(check, named, draft, { ...settings, day: today() });
  });
}

function asked<N extends FactName, W extends FactName>(
  check: Check,
  { nodes, plan }: ProbesCase<N, W>,
): readonly ProbeRequest[] {
  return check.probes?.(caseNodes(nodes), { plan: { ...DEFAULTS, ...plan } }) ?? [];
}

function caseNodes<N extends FactName, W extends FactName>(nodes: readonly CaseNode<N, W>[]) {
  return nodes.map(({ node, unreachable, problem, ssh, facts }, index) => ({
    node: caseNode(node, `w${index + 1}`),
    unreachable,
    problem,
    ssh,
    facts,
  }));
}

function caseNode(node: Partial<Node> | undefined, name: string): Node {
  return {
    name,
    self: name === 'w1',
    roles: ['worker'],
    stage: 'fresh',
    kubernetesVersion: DEFAULTS.kubernetesVersion,
    versionFrom: 'default',
    addresses: [],
    ...node,
  };
}

function pick(finding: Finding, keys: readonly string[]): Record<string, unknown> {
  const given = new Map<string, unknown>(Object.entries(finding));
  return Object.fromEntries(keys.map((key) => [key, given.get(key)]));
}
