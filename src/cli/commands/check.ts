import type { Source } from '../../evidence/source.ts';
import type { Plan } from '../../plan/settings.ts';
import type { Destination } from '../../system/write.ts';
import { loadCatalogue, requireKnownNames, requireSelection, type Catalogue } from '../catalogue.ts';
import type { RunCommand } from '../commands.ts';
import { watchEnding, type RunEnding } from '../ending.ts';
import { exitCodeOf } from '../exit-code.ts';
import { machineSource, readAll } from '../machine-source.ts';
import { openOutputs } from '../outputs.ts';
import { allOf } from '../print.ts';
import { readPlan } from '../read-plan.ts';
import { runChecks } from '../run-checks.ts';
import { naming } from '../usage-error.ts';

export const check: RunCommand = async (invocation) => {
  const plan = await readPlan(invocation);
  const catalogue = await loadCatalogue(plan);
  requireKnownNames(plan, catalogue.checks);
  requireSelection(plan, catalogue.checks);
  const { saveFacts, failOn, budget } = plan.settings;
  const outputs = await openOutputs(plan.settings);
  const saved = saveFacts === null ? null : await factsFile(saveFacts);
  const ending = watchEnding(budget);
  const source = await sourceOf(plan, catalogue, ending);

  // Saved facts are to be judged by other checks than those of this run too.
  const everything = saved === null ? null : readAll(source, catalogue.facts);
  const report = await runChecks({ command: 'check', plan, source, catalogue, ending, outputs });
  await everything;
  await allOf([
    outputs.deliver(report),
    ...(saved === null ? [] : [saved.write(`${JSON.stringify(source.evidence(), null, 2)}\n`)]),
  ]);
  return ending.exitCode() ?? exitCodeOf(report.summary, failOn);
};

async function factsFile(path: string): Promise<Destination> {
  const { destination } = await import('../../system/write.ts');
  return naming('--save-facts', destination(path, { private: true }));
}

async function sourceOf(plan: Plan, { facts }: Catalogue, ending: RunEnding): Promise<Source> {
  if (plan.settings.facts.length === 0) return machineSource(plan, facts, ending.signal);
  const { savedFiles } = await import('../saved-files.ts');
  return savedFiles('--facts', plan.settings.facts, facts);
}
