import { checks } from '../../checks/index.ts';
import { run } from '../../src/engine/run.ts';
import { liveSource } from '../../src/evidence/live.ts';
import { facts } from '../../src/facts/index.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import type { Origin, Plan, Settings } from '../../src/plan/settings.ts';
import { reportSchema, type Report } from '../../src/report/schema.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { withDirectory } from './directory.ts';
import type { Machine } from './machines.ts';

const tool = { name: 'seaworthy', version: '0.0.0' };

/** What is found of a machine that is a directory. */
export function reportOf({ files, plan }: Machine): Promise<Report> {
  return withDirectory(files, (root) => judged(root, plan));
}

function planOf(settings: Partial<Settings>): Plan {
  const origins = Object.fromEntries(
    Object.keys(DEFAULTS).map((key) => [key, key in settings ? 'flag' : 'default']),
  ) as Record<keyof Settings, Origin>;
  return { settings: { ...DEFAULTS, ...settings }, origins };
}

async function judged(root: string, settings: Partial<Settings>): Promise<Report> {
  const plan = planOf(settings);
  const { signal } = new AbortController();
  const source = liveSource({ system: rootedSystem(root), facts, plan, tool, signal });
  for await (const event of run({
    plan,
    planOfPeers: plan,
    source,
    checks,
    command: 'check',
    tool,
    signal,
    began: performance.now(),
  }))
    if (event.type === 'finished') return reportSchema.parse(event.report);
  throw new Error('the run did not finish');
}
