import { formats } from '../../report/formats/index.ts';
import { loadCatalogue, requireKnownNames, requireSelection } from '../run/catalogue.ts';
import type { RunCommand } from '../command-line/command.ts';
import { watchEnding } from '../ending.ts';
import { exitCodeOf } from '../exit-code.ts';
import { openOutputs } from '../output/outputs.ts';
import { readPlan } from '../command-line/read-plan.ts';
import { redactedRun } from '../run/redaction.ts';
import { runChecks } from '../run/run-checks.ts';
import { savedFiles } from '../run/saved-files.ts';
import { UsageError } from '../usage-error.ts';

export const compare: RunCommand = async (invocation) => {
  const plan = await readPlan(invocation);
  const catalogue = await loadCatalogue(plan);
  requireKnownNames(plan, catalogue.checks);
  requireSelection(plan, catalogue.checks);
  const outputs = await openOutputs(plan.settings, formats);
  const source = await savedFiles('compare', invocation.arguments, catalogue.facts);
  if (source.machines.length < 2) {
    throw new UsageError('compare: these are the facts of one node alone; name the files of two nodes or more.');
  }
  const ending = watchEnding(plan.settings.budget);
  const report = await runChecks({ command: 'compare', plan, source, catalogue, ending, printed: outputs.printed });
  const files = invocation.arguments;
  const shown = await redactedRun({ settings: plan.settings, catalogue, source, report, files });
  await outputs.deliver(shown.report ?? report);
  return ending.exitCode() ?? exitCodeOf(report.summary, plan.settings.failOn, outputs.printed);
};
