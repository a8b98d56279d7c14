import type { Assertion } from './assertions.ts';
import { isMode } from './file-mode.ts';
import { FILE_KINDS } from './file.ts';
import { AS_EXPECTED, type Expectation, type Rule } from './rules-schema.ts';

/** What can be said of each thing that a rule may observe. */
const ASSERTIONS = {
  sysctl: ['equals', 'oneOf', 'atLeast', 'atMost', 'matches', 'exists', 'absent'],
  module: ['exists', 'absent'],
  port: ['equals', 'oneOf', 'exists', 'absent'],
  file: ['equals', 'oneOf', 'exists', 'absent'],
  fileMode: ['equals', 'oneOf', 'atMost'],
  fileOwner: ['equals', 'oneOf'],
  fileLine: ['exists', 'absent'],
  command: ['exists', 'absent'],
  // Its exit code says it all.
  program: [],
} as const satisfies Readonly<Record<string, readonly Assertion[]>>;

type Kind = keyof typeof ASSERTIONS;

interface Misfit {
  readonly path: readonly string[];
  /** The rest of a sentence. */
  readonly said: string;
}

/** What of a rule does not go together, or null. */
export function misfitOf(rule: Rule): Misfit | null {
  const kinds = kindsOf(rule);
  const [kind, second] = kinds;
  if (kind === undefined) return { path: [], said: `must observe one of ${Object.keys(ASSERTIONS).join(', ')}` };
  if (second !== undefined) return { path: [second], said: `must stand alone: the rule observes ${kind} already` };
  if ((rule.pass?.reason ?? AS_EXPECTED) === rule.fail.reason)
    return { path: ['fail', 'reason'], said: 'must not be the reason of pass' };
  return kind === 'program' ? unexpected(rule) : misfitOfExpectation(kind, rule.expect);
}

function kindsOf(rule: Rule): Kind[] {
  const isKind = (key: string): key is Kind => Object.hasOwn(ASSERTIONS, key);
  return Object.keys(rule).filter(isKind);
}

function unexpected({ expect }: Rule): Misfit | null {
  return expect === undefined
    ? null
    : { path: ['expect'], said: 'must not be there: the exit code of a program says it all' };
}

function misfitOfExpectation(kind: Kind, expect: Expectation | undefined): Misfit | null {
  const allowed = ASSERTIONS[kind].join(', ');
  if (expect === undefined) return { path: [], said: `must have expect, with one of ${allowed}` };
  const given = Object.keys(expect);
  const [name, second] = given;
  if (name === undefined || second !== undefined)
    return { path: ['expect'], said: `must be one assertion, of ${allowed}` };
  if (!ASSERTIONS[kind].some((each) => each === name))
    return { path: ['expect', name], said: `must be another assertion: of ${kind} these can be made: ${allowed}` };
  const wrong = wrongValue(kind, expect);
  return wrong === null ? null : { path: ['expect', name], said: wrong };
}

function wrongValue(kind: Kind, { equals, oneOf, atLeast, atMost }: Expectation): string | null {
  const values = [...(oneOf ?? []), ...[equals, atLeast, atMost].filter((value) => value !== undefined)];
  if (kind === 'file' && !values.every((value) => FILE_KINDS.some((known) => known === value)))
    return `must be one of ${FILE_KINDS.join(', ')}`;
  if (kind === 'fileMode' && !values.every(isMode)) return 'must be octal permissions, as in 0640';
  if (kind !== 'fileMode' && [atLeast, atMost].some((value) => value !== undefined && /^-?0\d/.test(value)))
    return 'must be a whole number without a zero before it';
  return null;
}
