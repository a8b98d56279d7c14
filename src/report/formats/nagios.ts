import { brief, countsOf, line, worstFinding } from '../brief.ts';
import type { Report } from '../schema.ts';
import { defineFormat } from './define-format.ts';

/** What a plugin of Nagios calls its exit codes. */
const WORDS = { fail: 'CRITICAL', unknown: 'UNKNOWN', warn: 'WARNING', pass: 'OK', skip: 'OK' } as const;

/** https://nagios-plugins.org/doc/guidelines.html: one line, then what graphs are drawn of. */
export default defineFormat({
  title: 'a line for Nagios and Icinga, the worst finding first, with performance data',
  render: (report) => `${said(report)} | ${performance(report)}\n`,
});

function said(report: Report): string {
  const finding = worstFinding(report);
  if (finding === null) return line('OK: ', countsOf(report, ['pass', 'skip']), '');
  const counts = countsOf(report, ['fail', 'unknown', 'warn']);
  // A vertical bar, and what has become one in ASCII, would begin the performance data.
  return line(`${WORDS[finding.status]}: `, brief(finding, report), `; ${counts}`).replaceAll('|', '/');
}

/** label=value;warning;critical;minimum;maximum */
function performance({ summary, checks, run, coverage }: Report): string {
  const count = (label: string, value: number, thresholds: string, most: number) =>
    `${label}=${value};${thresholds};0;${most}`;
  const all = checks.length;
  return [
    count('fail', summary.fail, ';0', all),
    count('unknown', summary.unknown, ';', all),
    count('warn', summary.warn, '0;', all),
    count('pass', summary.pass, ';', all),
    count('skip', summary.skip, ';', all),
    ...(coverage.pairs === 0 ? [] : [count('pairs_tested', coverage.pairsTested, ';', coverage.pairs)]),
    `time=${run.durationMs / 1_000}s;;;0`,
  ].join(' ');
}
