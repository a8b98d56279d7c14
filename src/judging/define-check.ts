import type { CheckDefinition, Reasons } from '../engine/check.ts';
import type { FactName } from '../evidence/facts.ts';

/** Declares a check. The types hold the judge to the facts, the reasons and the remedies that it declared. */
export function defineCheck<
  const N extends FactName = never,
  const W extends FactName = never,
  const R extends Reasons = Reasons,
>(definition: CheckDefinition<N, W, R>): CheckDefinition<N, W, R> {
  return definition;
}
