import type { Report } from '../../report/schema.ts';
import { verdictOf, type Status } from '../../values/status.ts';

/** A whole report with what was run again since in the place of what it said; where there is no whole one, the part is all there is. */
export function mergeReports(whole: Report | null, part: Report): Report {
  if (whole === null) return part;
  const again = new Map(part.checks.map((check) => [check.id, check]));
  const kept = whole.checks.map((check) => again.get(check.id) ?? check);
  const known = new Set(whole.checks.map(({ id }) => id));
  const checks = [...kept, ...part.checks.filter(({ id }) => !known.has(id))];
  const statuses = checks.map(({ status }) => status);
  const count = (status: Status) => statuses.filter((each) => each === status).length;
  return {
    ...whole,
    verdict: verdictOf(statuses),
    summary: {
      pass: count('pass'),
      warn: count('warn'),
      fail: count('fail'),
      unknown: count('unknown'),
      skip: count('skip'),
    },
    coverage: {
      ...whole.coverage,
      // A part that sends no packets, or some of them, takes nothing away from what the whole run tested.
      pairsTested: Math.max(whole.coverage.pairsTested, part.coverage.pairsTested),
      pods: part.coverage.pods === 'tested' ? 'tested' : whole.coverage.pods,
    },
    checks,
  };
}
