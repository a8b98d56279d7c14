import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { Parser } from 'tap-parser';
import { expect, test } from 'vitest';
import * as z from 'zod';
import tap from '../../../src/report/formats/tap.ts';
import type { Report } from '../../../src/report/schema.ts';
import { printable } from '../../../src/values/printable.ts';
import { ROOT } from '../../cli/seaworthy.ts';
import { sixNodes } from '../cluster.ts';
import { FAILED, check, finding, report } from '../given.ts';
import { findingsOf, hostileReport } from '../hostile.ts';
import { PLAIN } from './plain.ts';

const point = z.object({
  ok: z.boolean(),
  id: z.number(),
  name: z.string(),
  skip: z.union([z.string(), z.boolean()]).optional(),
  todo: z.union([z.string(), z.boolean()]).optional(),
  diag: z.record(z.string(), z.unknown()).nullish(),
});

/** What a reader of TAP makes of it; whatever it takes for none fails. */
function read(given: Report) {
  return pointsOf(tap.render(given, PLAIN));
}

function pointsOf(text: string) {
  const events = Parser.parse(text, { strict: true });
  expect(
    events.filter(([type]) => !['version', 'plan', 'assert', 'complete', 'finish', 'close'].includes(type)),
  ).toEqual([]);
  return events.flatMap(([type, result]) => (type === 'assert' ? [point.parse(result)] : []));
}

test('each finding is a test point: what fails or was not decided is not ok, a warning is, a skip is skipped', () => {
  const given = report([
    check('a/one', [FAILED, finding()]),
    check('a/two', [finding({ status: 'unknown', reason: 'fact-denied' }), finding({ status: 'warn', reason: 'odd' })]),
    check('a/three', [finding({ status: 'skip', reason: 'other-role' })]),
  ]);
  const points = read(given);
  expect(points.map(({ ok, id }) => [id, ok])).toEqual([
    [1, false],
    [2, true],
    [3, false],
    [4, true],
    [5, true],
  ]);
  expect(points[0]).toMatchObject({
    name: 'a/one net.ipv4.ip_forward (w1)',
    diag: {
      status: 'fail',
      reason: 'disabled',
      expected: '1',
      fix: FAILED.remedy?.text,
      commands: FAILED.remedy?.commands,
      docs: 'https://example.org/a/one',
    },
  });
  expect(points[2]?.diag).toMatchObject({ status: 'unknown' });
  expect(points[3]?.diag).toMatchObject({ status: 'warn' });
  expect(points[4]).toMatchObject({ skip: 'other-role' });
});

test('the machines that are expected', () => {
  const files = globSync('test/hosts/expected/outputs/*/report.tap', { cwd: ROOT });
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    expect(`1..${pointsOf(text).length}`).toBe(text.split('\n')[1]);
  }
});

test('between nodes', () => {
  expect(read(sixNodes())).toHaveLength(findingsOf(sixNodes()).length);
});

test('nothing to judge is a plan of nothing', () => {
  expect(tap.render(report([]), PLAIN)).toBe('TAP version 14\n1..0\n');
});

test('whatever comes from outside stays text', () => {
  fc.assert(
    fc.property(hostileReport(), (given) => {
      const findings = findingsOf(given);
      const points = read(given);
      expect(points).toHaveLength(findings.length);
      for (const [index, { status, check: id, message, expected, remedy, subject, nodes }] of findings.entries()) {
        const { ok, name, skip, todo, diag } = points[index]!;
        expect({ ok, skipped: isSaid(skip), todo: isSaid(todo) }).toEqual({
          ok: status !== 'fail' && status !== 'unknown',
          skipped: status === 'skip',
          todo: false,
        });
        expect(squeezed(name)).toBe(squeezed(printable(`${id} ${subject} (${nodes.join(', ')})`)));
        if (status === 'pass' || status === 'skip') continue;
        expect(diag).toMatchObject({
          message: printable(message),
          expected: printable(expected ?? ''),
          commands: remedy?.commands?.map(printable),
        });
      }
    }),
    { numRuns: 60 },
  );
});

function isSaid(directive: string | boolean | undefined): boolean {
  return directive !== undefined && directive !== false;
}

function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
