import type { CheckReport, Report } from '../../report/schema.ts';
import { isUnasked } from './unasked.ts';
import { countsOf, verdictOf } from '../../values/status.ts';

/**
 * A report with what was run again since in the place of what it said; where there is none before, the new one is all there is. What nobody asked for
 * this time stays what it was when somebody did. @param whole All checks of the plan were run, and not some of them.
 */
export function mergeReports(before: Report | null, now: Report, whole: boolean): Report {
  if (before === null) return now;
  const again = new Map(now.checks.map((check) => [check.id, check]));
  const judged = new Map(before.checks.map((check) => [check.id, check]));
  const newest = (id: string, check: CheckReport) => (isUnasked(check) ? (judged.get(id) ?? check) : check);
  if (whole)
    return withChecks(
      now,
      before,
      now.checks.map((check) => newest(check.id, check)),
      now.coverage.pairsTested,
    );
  const kept = before.checks.map((check) => newest(check.id, again.get(check.id) ?? check));
  // A part that sends no packets, or some of them, takes nothing away from what was tested before.
  const pairsTested = Math.max(before.coverage.pairsTested, now.coverage.pairsTested);
  return withChecks(before, now, [...kept, ...now.checks.filter(({ id }) => !judged.has(id))], pairsTested);
}

function withChecks(report: Report, other: Report, checks: Report['checks'], pairsTested: number): Report {
  const statuses = checks.map(({ status }) => status);
  return {
    ...report,
    verdict: verdictOf(statuses),
    summary: countsOf(statuses),
    coverage: {
      ...report.coverage,
      pairsTested,
      pods: other.coverage.pods === 'tested' ? 'tested' : report.coverage.pods,
    },
    checks,
  };
}
