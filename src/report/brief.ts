import { printable } from '../values/printable.ts';
import { STATUSES, type Status } from '../values/status.ts';
import type { Finding, Report } from './schema.ts';
import { toAscii } from './text/ascii.ts';
import { pairOf } from './text/pairs.ts';

/** A monitoring system shows, and stores, about so much of a plugin's first line. */
const LONGEST_LINE = 80;

/** The first of the worst findings; null where nothing is wrong. */
export function worstFinding({ checks }: Report): Finding | null {
  const findings = checks.flatMap((check) => check.findings);
  const wrong = STATUSES.slice(0, STATUSES.indexOf('pass'));
  return wrong.flatMap((status) => findings.find((finding) => finding.status === status) ?? []).at(0) ?? null;
}

/** `ports/available tcp/10250 in-use (waived)`; where there are several nodes, with those that it is about. */
export function brief(finding: Finding, { nodes }: Report): string {
  const pair = pairOf(finding);
  const who = pair === null ? finding.nodes.join(', ') : `${pair.from} -> ${pair.to}`;
  const waived = finding.because === 'waiver' ? ['(waived)'] : [];
  return [finding.check, ...(nodes.length > 1 ? [who] : []), finding.subject, finding.reason, ...waived].join(' ');
}

/** `2 fail, 1 warn`: counts of checks, without those that are none. */
export function countsOf({ summary }: Report, statuses: readonly Status[]): string {
  return statuses.flatMap((status) => (summary[status] === 0 ? [] : [`${summary[status]} ${status}`])).join(', ');
}

/** One line of 80 characters of ASCII at most: what stands in the middle is cut where it is too long. */
export function line(before: string, middle: string, after: string): string {
  const room = LONGEST_LINE - before.length - after.length;
  const text = toAscii(printable(middle));
  return `${before}${text.length <= room ? text : `${text.slice(0, room - 3)}...`}${after}`;
}
