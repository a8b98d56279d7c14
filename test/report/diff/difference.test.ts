import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHANGES, difference, type Changed, type Difference } from '../../../src/report/diff/difference.ts';
import { readReport } from '../../../src/report/diff/read-report.ts';
import type { Finding, Report } from '../../../src/report/schema.ts';
import type { Status } from '../../../src/values/status.ts';
import { check, finding, report } from '../given.ts';
import { findingsOf, hostileReport } from '../hostile.ts';

const saved = (given: Report) => readReport(JSON.stringify(given), 'a.json');
const between = (old: Report, now: Report): Difference => difference(saved(old), saved(now));
const withFinding = (over: Partial<Finding> = {}) => report([check('a/one', [finding(over)])]);
const none = report([check('a/one', [finding({ status: 'skip', subject: 'other' })])]);

describe('what became of a finding', () => {
  const TABLE: readonly (readonly [old: Status | null, now: Status | null, change: string, becameWorse: boolean])[] = [
    ['pass', 'fail', 'worse', true],
    ['pass', 'unknown', 'worse', true],
    ['pass', 'warn', 'worse', true],
    ['warn', 'unknown', 'worse', true],
    ['unknown', 'fail', 'worse', true],
    ['fail', 'unknown', 'better', false],
    ['fail', 'pass', 'better', false],
    ['warn', 'pass', 'better', false],
    ['fail', 'fail', 'same', false],
    ['pass', 'pass', 'same', false],
    [null, 'pass', 'new', false],
    [null, 'warn', 'new', true],
    [null, 'unknown', 'new', true],
    [null, 'fail', 'new', true],
    ['fail', null, 'gone', false],
    ['pass', null, 'gone', false],
    // What was skipped was not judged.
    ['skip', 'fail', 'new', true],
    ['skip', 'pass', 'new', false],
    ['fail', 'skip', 'gone', false],
  ];

  test.each(TABLE)('%s, then %s: %s', (old, now, change, becameWorse) => {
    const given = (status: Status | null) => (status === null ? none : withFinding({ status }));
    const found = between(given(old), given(now));
    expect(found.findings.map((each) => each.change)).toEqual([change]);
    expect(found.becameWorse).toBe(becameWorse);
    expect(found.summary).toEqual({ worse: 0, new: 0, gone: 0, better: 0, same: 0, [change]: 1 });
  });

  test('skipped both times it is not told', () => {
    expect(between(none, none)).toMatchObject({ findings: [], becameWorse: false });
  });
});

test('a finding is known again by its check, its nodes and its subject', () => {
  const old = withFinding({ reason: 'a', message: 'One.' });
  expect(between(old, withFinding({ reason: 'b', message: 'Two.' })).summary).toMatchObject({ same: 1 });
  for (const over of [{ subject: 'x' }, { nodes: ['w2'] }, { nodes: ['w1', 'w2'] }]) {
    expect(between(old, withFinding(over)).summary).toMatchObject({ new: 1, gone: 1, same: 0 });
  }
  expect(between(old, report([check('a/two', [finding()])])).summary).toMatchObject({ new: 1, gone: 1 });
});

test('the worst counts of what is said twice of one subject', () => {
  const twice = report([check('a/one', [finding(), finding({ status: 'fail', reason: 'bad' })])]);
  expect(between(withFinding(), twice).findings).toMatchObject([
    { change: 'worse', old: { status: 'pass', reason: 'enabled' }, new: { status: 'fail', reason: 'bad' } },
  ]);
});

test('what is worse stands first, and both runs are named', () => {
  const of = (...statuses: Status[]) =>
    report([
      check(
        'a/one',
        statuses.map((status, index) => finding({ status, subject: String(index) })),
      ),
    ]);
  const found = between(of('pass', 'fail', 'pass', 'pass'), of('pass', 'pass', 'fail', 'skip', 'pass'));
  expect(found.findings.map(({ change, subject }) => `${change} ${subject}`)).toEqual([
    'worse 2',
    'new 4',
    'gone 3',
    'better 1',
    'same 0',
  ]);
  expect(found.old).toEqual({
    run: 'r',
    startedAt: '2026-01-02T03:04:05.678Z',
    version: '0.0.0-test',
    verdict: 'not-ready',
  });
});

test('of any two reports every finding that was judged is told once, and a report does not differ from itself', () => {
  fc.assert(
    fc.property(hostileReport(), hostileReport(), (old, now) => {
      const found = between(old, now);
      const key = ({ check: id, nodes, subject }: Pick<Changed, 'check' | 'nodes' | 'subject'>) =>
        JSON.stringify([id, nodes, subject]);
      const judged = [...findingsOf(old), ...findingsOf(now)].filter(({ status }) => status !== 'skip').map(key);
      expect(found.findings.map(key).sort()).toEqual([...new Set(judged)].sort());
      expect(CHANGES.reduce((sum, change) => sum + found.summary[change], 0)).toBe(found.findings.length);
      const self = between(old, old);
      expect(self.becameWorse).toBe(false);
      expect(self.summary.same).toBe(self.findings.length);
      const back = between(now, old);
      expect(back.summary).toMatchObject({
        worse: found.summary.better,
        new: found.summary.gone,
        same: found.summary.same,
      });
    }),
    { numRuns: 60 },
  );
});
