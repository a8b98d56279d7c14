import type { Source } from '../../evidence/source.ts';
import type { CommandName } from '../../plan/options/option.ts';
import type { Plan } from '../../plan/settings.ts';
import { formats } from '../../report/formats/index.ts';
import type { Destination } from '../../system/write.ts';
import type { Catalogue } from './catalogue.ts';
import { watchEnding, type RunEnding } from '../ending.ts';
import { exitCodeOf } from '../exit-code.ts';
import { readAll } from './machine-source.ts';
import { openOutputs } from '../output/outputs.ts';
import { allOf } from '../output/print.ts';
import { redactedRun } from './redaction.ts';
import { runChecks } from './run-checks.ts';
import { naming } from '../usage-error.ts';

/** Where evidence comes from, and how it is let go. */
export interface OpenedSource {
  /** What holds for the run: the user's plan, with what a cluster tells. */
  readonly plan: Plan;
  readonly source: Source;
  readonly close: () => Promise<void>;
}

interface ReportRun {
  readonly command: CommandName;
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  /** Called once all that is to be written can be. */
  readonly open: (ending: RunEnding) => Promise<OpenedSource>;
}

/** Judges what a source shows and hands over the report, and the facts where they are to be saved. Returns the exit code. */
export async function reportRun({ command, plan: said, catalogue, open }: ReportRun): Promise<number> {
  const { saveFacts, failOn, budget, wait } = said.settings;
  const outputs = await openOutputs(said.settings, formats);
  const saved = saveFacts === null ? null : await factsFile(saveFacts);
  const ending = watchEnding(budget + wait);
  const { plan, source, close } = await open(ending);

  // Saved facts are to be judged by other checks than those of this run too.
  const everything = saved === null ? null : readAll(source, catalogue.facts);
  const report = await runChecks({ command, plan, source, catalogue, ending, printed: outputs.printed });
  await everything;
  const shown = await redactedRun({ settings: plan.settings, catalogue, source, report, files: [] });
  await allOf([
    close(),
    outputs.deliver(shown.report ?? report),
    ...(saved === null ? [] : [saved.write(`${JSON.stringify(shown.evidence, null, 2)}\n`)]),
  ]);
  return ending.exitCode() ?? exitCodeOf(report.summary, failOn, outputs.printed);
}

async function factsFile(path: string): Promise<Destination> {
  const { destination } = await import('../../system/write.ts');
  return naming('--save-facts', destination(path, { private: true }));
}
