import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Rendering } from '../../src/report/formats/define-format.ts';
import { formats } from '../../src/report/formats/index.ts';
import type { Report } from '../../src/report/schema.ts';
import { sixNodes } from '../report/cluster.ts';
import { machines } from './machines.ts';
import { reportOf } from './report-of.ts';

/** Every output of some machines: `npm run goldens` writes them anew, and their diff is reviewed. */
const EXPECTED = join(import.meta.dirname, 'expected/outputs');
const PLAIN: Rendering = { color: false, ascii: false, width: 100, quiet: false, verbose: false };
const ENDINGS: Readonly<Record<string, string>> = { junit: 'xml', markdown: 'md', prometheus: 'prom', text: 'txt' };

/** Healthy as they were recorded, one with faults, and nodes between which packets were lost. */
const reports: Readonly<Record<string, () => Promise<Report>>> = {
  ...Object.fromEntries(
    ['recorded-kn1', 'recorded-kn2', 'recorded-kn3', 'port-clash'].map((name) => [
      name,
      () => reportOf(machines[name]!),
    ]),
  ),
  'six-nodes': async () => sixNodes(),
};

/** Without what is another one each time. */
function still(report: Report): Report {
  const run = { ...report.run, id: 'r', startedAt: '2026-01-02T03:04:05.678Z', durationMs: 84 };
  return { ...report, run, checks: report.checks.map((check) => ({ ...check, durationMs: 1 })) };
}

describe.each(Object.entries(reports))('%s', async (name, make) => {
  const report = still(await make());

  test.each(Object.entries(formats))('%s', (format, { render }) => {
    const directory = join(EXPECTED, name);
    const file = join(directory, `report.${ENDINGS[format] ?? format}`);
    const text = render(report, PLAIN);
    if (process.env['SEAWORTHY_GOLDENS'] === 'write') {
      mkdirSync(directory, { recursive: true });
      writeFileSync(file, text);
    }
    expect(text).toBe(readFileSync(file, 'utf8'));
    expect(text).toMatch(/[^\n]\n$/);
  });
});

test('there is nothing that nobody makes', () => {
  for (const name of readdirSync(EXPECTED))
    expect(readdirSync(join(EXPECTED, name))).toHaveLength(Object.keys(formats).length);
  expect(readdirSync(EXPECTED)).toEqual(Object.keys(reports).sort());
});
