import type { AnyDraft, Check, Reasons } from '../../engine/check.ts';
import type { Judged, Observation } from './observation.ts';
import { filled, filledCommand } from './placeholders.ts';
import { pageOf } from './rule-page.ts';
import { AS_EXPECTED, type Rule } from './rules-schema.ts';

/** A rule as a check: `fact` is the name of what it observes. */
export function ruleCheck(id: string, rule: Rule, observed: Observation) {
  const { title, docs, stages = ['fresh', 'joined'], roles } = rule;
  const reasons = reasonsOf(rule, observed);
  return {
    id,
    title,
    docs,
    kubeadm: [],
    stages,
    ...(roles === undefined ? {} : { roles }),
    reasons,
    page: rule.page ?? pageOf(id, rule, observed, reasons),
    needs: [id],
    wants: [],
    judge: (facts: Readonly<Record<string, unknown>>) => [draft(rule, observed, observed.judge(facts[id]))],
  } satisfies Omit<Check, 'judge' | 'needs'> & Record<'judge' | 'needs', unknown>;
}

function reasonsOf({ pass, fail }: Rule, { mayBeUndecided }: Observation): Reasons {
  return {
    [pass?.reason ?? AS_EXPECTED]: 'pass',
    [fail.reason]: fail.status ?? 'fail',
    ...(mayBeUndecided ? { undecided: 'unknown' } : {}),
  };
}

function draft({ pass, fail }: Rule, { subject, expected }: Observation, judged: Judged): AnyDraft {
  const { outcome, actual, said, evidence } = judged;
  const words = { subject, expected, actual: said ?? actual };
  const found = { subject, expected, actual, ...(evidence === undefined ? {} : { evidence }) };
  // What a program said is no text of the rule: nothing is put into it.
  const worded = (own: string | undefined, other: string) =>
    own === undefined && said !== undefined ? said : filled(own ?? other, words);
  if (outcome === 'undecided') {
    const message = worded(undefined, '{subject}: whether it is {expected} cannot be told from {actual}.');
    return { ...found, reason: 'undecided', message };
  }
  if (outcome === 'pass') {
    const message = worded(pass?.message, '{subject} is as expected: {expected}.');
    return { ...found, reason: pass?.reason ?? AS_EXPECTED, message };
  }
  const { text, commands } = fail.remedy;
  return {
    ...found,
    reason: fail.reason,
    message: worded(fail.message, '{subject}: expected {expected}, found {actual}.'),
    ...(fail.why === undefined ? {} : { why: filled(fail.why, words) }),
    remedy: {
      text: filled(text, words),
      ...(commands === undefined ? {} : { commands: commands.map((each) => filledCommand(each, words)) }),
    },
  };
}
