import { printable } from '../../values/printable.ts';
import type { Finding, Report } from '../schema.ts';
import { defineFormat } from './define-format.ts';

/** https://testanything.org/tap-version-14-specification.html: one test point for each finding. What was not decided is not ok, and says so. */
export default defineFormat({
  title: 'Test Anything Protocol 14, a test point for each finding',
  render: (report) => {
    const findings = report.checks.flatMap((check) => check.findings);
    const points = findings.flatMap((finding, index) => [
      point(finding, index + 1),
      ...(finding.status === 'pass' || finding.status === 'skip' ? [] : diagnostics(finding, report)),
    ]);
    return `${['TAP version 14', `1..${findings.length}`, ...points].join('\n')}\n`;
  },
});

function point({ status, check, nodes, subject, reason }: Finding, number: number): string {
  const result = status === 'fail' || status === 'unknown' ? 'not ok' : 'ok';
  const skipped = status === 'skip' ? ` # SKIP ${words(reason)}` : '';
  return `${result} ${number} - ${words(`${check} ${subject} (${nodes.join(', ')})`)}${skipped}`;
}

/** A block of YAML, whose values are written as JSON, which is YAML too. */
function diagnostics(finding: Finding, { checks }: Report): string[] {
  const { status, was, because, waiver, reason, message, why, expected, actual, remedy } = finding;
  const docs = checks.find(({ id }) => id === finding.check)?.docs;
  const commands = remedy?.commands?.map(printable);
  const waived = waiver === undefined ? {} : { waived: waiver.why, until: waiver.until ?? undefined };
  const values = { status, was, because, ...waived, reason, message, why, expected, actual, fix: remedy?.text, docs };
  const told = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, printable(value)] as const],
  );
  const lines = [...told, ...(commands === undefined ? [] : [['commands', commands] as const])];
  return ['  ---', ...lines.map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`), '  ...'];
}

/** A `#` would begin a directive. */
function words(text: string): string {
  return printable(text).replaceAll(/[\\#]/g, '\\$&');
}
