import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import { machines } from './machines.ts';
import { reportOf } from './report-of.ts';

/** Machines as directories, with the report that each must give: `npm run goldens` writes them anew, and their diff is reviewed. */
const EXPECTED = join(import.meta.dirname, 'expected');

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

test.each(Object.entries(machines))('%s', async (name, machine) => {
  const report = await reportOf(machine);
  const file = join(EXPECTED, `${name}.txt`);
  if (process.env['SEAWORTHY_GOLDENS'] === 'write') {
    mkdirSync(EXPECTED, { recursive: true });
    writeFileSync(file, summary(report));
  }
  expect(summary(report)).toBe(readFileSync(file, 'utf8'));
  const faults = report.checks
    .flatMap(({ findings }) => findings)
    .filter(({ status }) => status !== 'pass' && status !== 'skip');
  expect(faults.length === 0, JSON.stringify(faults, null, 2)).toBe(machine.healthy);
});
