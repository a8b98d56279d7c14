import type { Runs } from './runs.ts';

/** What `serve` tells of its own runs, beside the metrics of the last report: they are there before the first one too. */
export function metricsOfRuns({ age, ended, failed, skipped }: Runs): string {
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
    '',
  ].join('\n');
}

function metric(name: string, type: 'gauge' | 'counter', help: string, value: number | string): string[] {
  const full = `seaworthy_${name}`;
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, `${full} ${value}`];
}
