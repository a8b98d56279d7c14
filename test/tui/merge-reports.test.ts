import { expect, test } from 'vitest';
import { mergeReports } from '../../src/tui/state/merge-reports.ts';
import { check, report } from '../report/given.ts';

const tested = (pairsTested: number) =>
  report([check('ports/reachable', [])], { coverage: { nodes: 2, pairs: 2, pairsTested, pods: 'not-asked' } });

test('a whole run tells what it tested itself, a part takes nothing away', () => {
  expect(mergeReports(tested(2), tested(0), true).coverage.pairsTested).toBe(0);
  expect(mergeReports(tested(2), tested(0), false).coverage.pairsTested).toBe(2);
});
