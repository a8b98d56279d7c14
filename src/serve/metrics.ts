import { metric } from './metric.ts';
import { metricsOfNeighbourhood, type Neighbourhood } from './neighbourhood.ts';
import type { Runs } from './runs.ts';

/** What `serve` tells beside the metrics of the last report, and before the first one too. @param stale Milliseconds after which nothing says any more what is now. */
export function metricsBeside(
  { age, ended, failed, skipped }: Runs,
  neighbourhood: Neighbourhood | null,
  stale: number,
): string {
  return [
    ...metric(
      'run_age_seconds',
      'gauge',
      'Time since the last run ended; since the start where none has.',
      (age / 1_000).toFixed(3),
    ),
    ...metric('runs_total', 'counter', 'Runs that ended with a report.', ended),
    ...metric(
      'runs_broken_total',
      'counter',
      'Runs that ended without one, or whose files could not be written.',
      failed,
    ),
    ...metric('beats_skipped_total', 'counter', 'Runs left out because the one before took too long.', skipped),
    ...(neighbourhood === null ? [] : metricsOfNeighbourhood(neighbourhood, stale)),
    '',
  ].join('\n');
}
