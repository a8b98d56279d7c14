import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import type { Log } from 'sarif';
import { expect, test } from 'vitest';
import sarif from '../../../src/report/formats/sarif.ts';
import type { Report } from '../../../src/report/schema.ts';
import { printable } from '../../../src/values/printable.ts';
import { ROOT } from '../../cli/seaworthy.ts';
import { sixNodes } from '../cluster.ts';
import { FAILED, check, finding, report } from '../given.ts';
import { findingsOf, hostileReport } from '../hostile.ts';
import { PLAIN } from './plain.ts';

/** The schema of the standard, with its formats: URIs, times. One of its patterns is none of Unicode mode. */
const isSarif = addFormats
  .default(new Ajv.default({ strict: false, allErrors: true, unicodeRegExp: false }))
  .compile<Log>(schema);

function read(given: Report): Log {
  const log: unknown = JSON.parse(sarif.render(given, PLAIN));
  if (!isSarif(log)) throw new Error(JSON.stringify(isSarif.errors));
  return log;
}

const runOf = (given: Report) => read(given).runs[0]!;

test('each check is a rule; what fails or warns is a result of it', () => {
  const warning = finding({ status: 'warn', reason: 'odd', subject: 'eth0', remedy: { text: 'Mend it.' } });
  const { tool, results } = runOf(report([check('a/good', [finding()]), check('a/bad', [FAILED, warning])]));
  expect(tool.driver.rules).toEqual([
    { id: 'a/good', shortDescription: { text: 'title of a/good' }, helpUri: 'https://example.org/a/good' },
    { id: 'a/bad', shortDescription: { text: 'title of a/bad' }, helpUri: 'https://example.org/a/bad' },
  ]);
  expect(results).toMatchObject([
    { ruleId: 'a/bad', ruleIndex: 1, level: 'error', properties: { reason: 'disabled' } },
    { ruleId: 'a/bad', ruleIndex: 1, level: 'warning', message: { text: expect.stringContaining('Fix: Mend it.') } },
  ]);
  expect(results?.[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe('nodes/w1');
});

test('what was not decided is no result: a notification of the run', () => {
  const hidden = finding({ status: 'unknown', reason: 'fact-denied', message: 'It could not be read.' });
  const { results, invocations } = runOf(report([check('a/hidden', [hidden])]));
  expect(results).toEqual([]);
  expect(invocations?.[0]?.toolExecutionNotifications).toMatchObject([
    {
      level: 'warning',
      associatedRule: { id: 'a/hidden', index: 0 },
      message: { text: expect.stringContaining('not be read') },
    },
  ]);
});

test('the same finding has the same fingerprint from run to run, and another one another', () => {
  const fingerprints = (...subjects: string[]) =>
    runOf(
      report([
        check(
          'a/bad',
          subjects.map((subject) => ({ ...FAILED, subject, message: `${Math.random()}` })),
        ),
      ]),
    ).results?.map(({ partialFingerprints }) => partialFingerprints);
  expect(fingerprints('a', 'b')).toEqual(fingerprints('a', 'b'));
  expect(fingerprints('a')).not.toEqual(fingerprints('b'));
});

test('what somebody allowed is suppressed, with why', () => {
  const allowed = { ...FAILED, status: 'warn', was: 'fail', because: 'ignore-preflight-errors' } as const;
  const { results } = runOf(report([check('a/bad', [allowed, { ...allowed, because: 'role-any' }])]));
  expect(results?.map(({ suppressions }) => suppressions)).toMatchObject([
    [{ kind: 'external', justification: expect.stringContaining('--ignore-preflight-errors') }],
    undefined,
  ]);
});

test('a log that the standard does not allow is seen to be none', () => {
  const log = read(report([check('a/bad', [FAILED])]));
  const [run] = log.runs;
  expect(isSarif({ ...log, version: '2.0.0' })).toBe(false);
  expect(isSarif({ ...log, runs: [{ ...run, verdict: 'ready' }] })).toBe(false);
  expect(
    isSarif({ ...log, runs: [{ ...run, invocations: [{ executionSuccessful: true, startTimeUtc: 'now' }] }] }),
  ).toBe(false);
});

test('the machines that are expected', () => {
  const files = globSync('test/hosts/expected/outputs/*/report.sarif', { cwd: ROOT });
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    expect(
      isSarif(JSON.parse(readFileSync(join(ROOT, file), 'utf8'))),
      `${file} ${JSON.stringify(isSarif.errors)}`,
    ).toBe(true);
  }
});

test('between nodes', () => {
  const wrong = findingsOf(sixNodes()).filter(({ status }) => status === 'fail' || status === 'warn');
  expect(runOf(sixNodes()).results).toHaveLength(wrong.length);
});

test('whatever comes from outside is text that means nothing', () => {
  fc.assert(
    fc.property(hostileReport(), (given) => {
      const wrong = findingsOf(given).filter(({ status }) => status === 'fail' || status === 'warn');
      const texts = runOf(given).results?.map(({ message }) => message.text ?? '') ?? [];
      expect(texts).toHaveLength(wrong.length);
      for (const [index, { message }] of wrong.entries()) {
        const text = texts[index]!;
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/(?<!\{)(?:\{\{)*\{\d+\}(?!\})/);
        expect(text).not.toMatch(/(?<!\\)\]\(/);
        expect(text.replaceAll('{{', '{').replaceAll('}}', '}').replaceAll('\\](', '](')).toContain(printable(message));
      }
    }),
  );
});
