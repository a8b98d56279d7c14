import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readReport, ReportError } from '../../../src/report/diff/read-report.ts';
import { sixNodes } from '../cluster.ts';
import { check, finding, report } from '../given.ts';
import { findingsOf } from '../hostile.ts';

const given = report([check('a/one', [finding()])]);
const sentenceOf = (document: unknown) => {
  try {
    readReport(typeof document === 'string' ? document : JSON.stringify(document), 'a.json');
  } catch (error) {
    expect(error).toBeInstanceOf(ReportError);
    return (error as ReportError).message;
  }
  return null;
};

test('a report, and one of a later seaworthy that says more', () => {
  expect(readReport(JSON.stringify(sixNodes()), 'a.json').findings).toHaveLength(findingsOf(sixNodes()).length);
  expect(readReport(`\uFEFF${JSON.stringify(given)}`, 'a.json').verdict).toBe('ready');
  const later = {
    ...given,
    later: 1,
    coverage: { nodes: 1, pods: 'in-part' },
    checks: [{ ...given.checks[0], later: 1 }],
  };
  expect(sentenceOf(later)).toBeNull();
});

test.each([
  ['', 'a.json is not JSON, so it is no report; `seaworthy check --json` prints one.'],
  ['READY', 'a.json is not JSON, so it is no report; `seaworthy check --json` prints one.'],
  [
    { ...given, schema: 'seaworthy.report/v2' },
    'a.json: a newer seaworthy wrote it (seaworthy.report/v2), and this one reads seaworthy.report/v1.',
  ],
  [
    { schema: 'seaworthy.facts/v1' },
    'a.json holds saved facts; `seaworthy check --json --facts FILE` makes a report of them.',
  ],
  [[], 'a.json is no report: it does not say "schema": "seaworthy.report/v1"; `seaworthy check --json` prints one.'],
  [null, 'a.json is no report: it does not say "schema": "seaworthy.report/v1"; `seaworthy check --json` prints one.'],
])('what is no report is named in a sentence: %#', (document, sentence) => {
  expect(sentenceOf(document)).toBe(sentence);
});

test('a damaged one says where', () => {
  expect(sentenceOf({ ...given, verdict: 'fine' })).toContain('a.json is a damaged report: verdict: ');
  expect(sentenceOf({ ...given, checks: {} })).toContain('checks: ');
  const broken = { ...given, checks: [{ ...given.checks[0], findings: [{ ...finding(), status: 'bad\u001B' }] }] };
  expect(sentenceOf(broken)).toContain('status: ');
  expect(sentenceOf({ ...given, checks: Array.from({ length: 100_000 }, () => 0) })).toContain(
    'a.json is a damaged report',
  );
});

test('whatever a file holds, it is a report or a sentence', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((value) => JSON.stringify({ ...given, checks: value })),
      ),
      (text) => {
        expect(sentenceOf(text) ?? '').not.toContain('\n');
      },
    ),
  );
});
