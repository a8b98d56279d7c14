import { observe } from './observe.ts';
import { parseRules } from './parse-rules.ts';
import { ruleCheck } from './rule-check.ts';

/** A file of rules as what a module would export by default: a check for each rule, and of the same name the fact that it rests on. Throws a PlanError. */
export async function rulesPlugin(text: string, file: string, taken: ReadonlySet<string>, attempt: number) {
  const { name, rules } = await parseRules(text, file, taken);
  const observed = rules.map((rule) => [rule, observe(rule, attempt)] as const);
  return {
    apiVersion: 1,
    name,
    checks: observed.map(([rule, observation]) => ruleCheck(`${name}/${rule.id}`, rule, observation)),
    facts: Object.fromEntries(observed.map(([rule, { fact }]) => [rule.id, fact])),
  };
}
