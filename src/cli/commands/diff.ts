import { difference, type Difference } from '../../report/diff/difference.ts';
import { diffFormats } from '../../report/diff/formats.ts';
import { readReport, REPORT_LIMIT, type SavedReport } from '../../report/diff/read-report.ts';
import { liveSystem } from '../../system/live.ts';
import type { RunCommand } from '../command-line/command.ts';
import { openOutputs } from '../output/outputs.ts';
import { readPlan } from '../command-line/read-plan.ts';
import { naming } from '../usage-error.ts';

export const diff: RunCommand = async (invocation) => {
  const { settings } = await readPlan(invocation);
  const outputs = await openOutputs(settings, diffFormats);
  const [old = '', now = ''] = invocation.arguments;
  const found = await naming('diff', compared(old, now));
  await outputs.deliver(found);
  return found.becameWorse ? 2 : 0;
};

async function compared(old: string, now: string): Promise<Difference> {
  return difference(await saved(old), await saved(now));
}

async function saved(path: string): Promise<SavedReport> {
  return readReport(await liveSystem().readText(path, REPORT_LIMIT), path);
}
