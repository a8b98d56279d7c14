import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import { run } from '../../src/engine/run.ts';
import { liveSource } from '../../src/evidence/live.ts';
import { facts } from '../../src/facts/index.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import type { Origin, Plan, Settings } from '../../src/plan/settings.ts';
import { reportSchema, type Report } from '../../src/report/schema.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { withDirectory } from './directory.ts';
import { machines } from './machines.ts';

/** Machines as directories, with the report that each must give: `npm run goldens` writes them anew, and their diff is reviewed. */
const EXPECTED = join(import.meta.dirname, 'expected');
const tool = { name: 'seaworthy', version: '0.0.0' };

function planOf(settings: Partial<Settings>): Plan {
  const origins = Object.fromEntries(
    Object.keys(DEFAULTS).map((key) => [key, key in settings ? 'flag' : 'default']),
  ) as Record<keyof Settings, Origin>;
  return { settings: { ...DEFAULTS, ...settings }, origins };
}

async function reportOf(root: string, settings: Partial<Settings>): Promise<Report> {
  const plan = planOf(settings);
  const { signal } = new AbortController();
  const source = liveSource({ system: rootedSystem(root), facts, plan, tool, signal });
  for await (const event of run({ plan, planOfPeers: plan, source, checks, command: 'check', tool, signal }))
    if (event.type === 'finished') return reportSchema.parse(event.report);
  throw new Error('the run did not finish');
}

/** One line a finding: short enough to be reviewed, long enough to notice any change of judgement. */
function summary({ verdict, checks: judged }: Report): string {
  const lines = judged.flatMap(({ id, findings }) =>
    findings.map(
      ({ status, reason, subject, was }) =>
        `${status.padEnd(7)} ${id}  ${subject}  ${reason}${was === undefined ? '' : ` (was ${was})`}`,
    ),
  );
  return `${verdict}\n${lines.join('\n')}\n`;
}

test.each(Object.entries(machines))('%s', async (name, { files, plan, healthy }) => {
  const report = await withDirectory(files, (root) => reportOf(root, plan));
  const file = join(EXPECTED, `${name}.txt`);
  if (process.env['SEAWORTHY_GOLDENS'] === 'write') {
    mkdirSync(EXPECTED, { recursive: true });
    writeFileSync(file, summary(report));
  }
  expect(summary(report)).toBe(readFileSync(file, 'utf8'));
  const faults = report.checks
    .flatMap(({ findings }) => findings)
    .filter(({ status }) => status !== 'pass' && status !== 'skip');
  expect(faults.length === 0, JSON.stringify(faults, null, 2)).toBe(healthy);
});
