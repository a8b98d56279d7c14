import { loadCatalogue } from '../catalogue.ts';
import type { RunCommand } from '../commands.ts';
import { watchEnding } from '../ending.ts';
import { machineSource, readAll } from '../machine-source.ts';
import { print } from '../print.ts';
import { readPlan } from '../read-plan.ts';
import { redactedRun } from '../redaction.ts';

export const facts: RunCommand = async (invocation) => {
  const plan = await readPlan(invocation);
  const catalogue = await loadCatalogue(plan);
  const ending = watchEnding(plan.settings.budget);
  const source = await machineSource(plan, catalogue.facts, ending.signal);
  await readAll(source, catalogue.facts);
  ending.settle();
  const { evidence } = await redactedRun({ settings: plan.settings, catalogue, source, report: null, files: [] });
  await print(`${JSON.stringify(evidence, null, 2)}\n`);
  return ending.exitCode() ?? 0;
};
