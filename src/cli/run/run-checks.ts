import '../interpret-schemas.ts';
import { run } from '../../engine/run.ts';
import { unusedWaivers } from '../../engine/waivers.ts';
import type { Source } from '../../evidence/source.ts';
import type { CommandName } from '../../plan/options/option.ts';
import { planOfPeers } from '../../plan/plan-of-peers.ts';
import type { Plan, Waiver } from '../../plan/settings.ts';
import type { Report } from '../../report/schema.ts';
import type { Catalogue } from './catalogue.ts';
import type { RunEnding } from '../ending.ts';
import { complain } from '../output/print.ts';
import { NO_PROGRESS, progressOn, type Progress } from '../output/progress.ts';
import { isCapable, isUtf8 } from '../output/terminal.ts';
import { TOOL } from '../tool.ts';

interface ChecksInput {
  readonly command: CommandName;
  readonly plan: Plan;
  readonly source: Source;
  readonly catalogue: Catalogue;
  readonly ending: Pick<RunEnding, 'signal' | 'settle' | 'began'>;
  /** The format of standard output, or null when nothing goes there. */
  readonly printed: string | null;
}

/** Runs to the report, showing what is still running where somebody watches. */
export async function runChecks(input: ChecksInput): Promise<Report> {
  const report = await watched(input);
  const { waivers, verbose } = input.plan.settings;
  if (verbose) tellUnused(unusedWaivers(report, waivers));
  return report;
}

async function watched({ command, plan, source, catalogue, ending, printed }: ChecksInput): Promise<Report> {
  const { checks } = catalogue;
  const progress = progressFor(plan, printed);
  try {
    for await (const event of run({
      plan,
      planOfPeers: planOfPeers(plan),
      source,
      checks,
      command,
      tool: TOOL,
      signal: ending.signal,
      began: ending.began,
    })) {
      progress.show(event);
      if (event.type === 'finished') return event.report;
    }
  } finally {
    progress.erase();
    ending.settle();
  }
  throw new Error('the run ended without a report');
}

/** No mistake: what is well on this machine may fail on another one that has the same configuration. */
function tellUnused(waivers: readonly Waiver[]): void {
  const told = waivers.slice(0, MOST_TOLD).map(({ check, reason, subject, place }) => {
    const about = [check, subject, reason].filter((word) => word !== null).join(' ');
    return `seaworthy: the waiver of ${about} allowed nothing in this run (${place})`;
  });
  const more = waivers.length - told.length;
  complain(...told, ...(more > 0 ? [`seaworthy: and ${more} waivers more`] : []));
}

const MOST_TOLD = 9;

function progressFor({ settings }: Plan, printed: string | null): Progress {
  if (printed !== 'text' || !isCapable(process.stderr, process.env)) return NO_PROGRESS;
  process.stderr.on('error', () => undefined);
  return progressOn(process.stderr, settings.ascii || !isUtf8(process.env), settings.redact);
}
