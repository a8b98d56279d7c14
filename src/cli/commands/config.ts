import { effectiveConfiguration } from '../../plan/effective.ts';
import { loadCatalogue, requireKnownNames } from '../catalogue.ts';
import type { RunCommand } from '../commands.ts';
import { print } from '../print.ts';
import { readPlan } from '../read-plan.ts';

export const config: RunCommand = async (invocation) => {
  const plan = await readPlan(invocation);
  requireKnownNames(plan, (await loadCatalogue(plan)).checks);
  await print(effectiveConfiguration(plan));
  return 0;
};
