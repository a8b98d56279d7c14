import { printable } from '../../values/printable.ts';
import { softening } from '../text/labels.ts';
import type { CheckReport, Finding, Report } from '../schema.ts';
import { defineFormat } from './define-format.ts';

/** A suite for each check, a test case for each finding: a fail is a failure, and what could not be decided is an error. */
export default defineFormat({
  title: 'JUnit XML for CI, a test case for each finding',
  render: (report) => {
    const { checks, run } = report;
    const counts = attributes({ name: 'seaworthy', ...countsOf(checks), time: seconds(run.durationMs) });
    const suites = checks.map((check) => suite(check, report));
    return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${counts}>\n${suites.join('')}</testsuites>\n`;
  },
});

function countsOf(checks: readonly CheckReport[]): Record<string, string> {
  const findings = checks.flatMap((check) => check.findings);
  const count = (status: Finding['status']) => String(findings.filter((finding) => finding.status === status).length);
  return { tests: String(findings.length), failures: count('fail'), errors: count('unknown') };
}

function suite(check: CheckReport, { nodes, run }: Report): string {
  const host = nodes.find(({ self }) => self) ?? nodes[0];
  const skipped = check.findings.filter(({ status }) => status === 'skip').length;
  const about = attributes({
    name: check.id,
    ...countsOf([check]),
    skipped: String(skipped),
    time: seconds(check.durationMs),
    // The schema of JUnit knows no zone: it is UTC.
    timestamp: run.startedAt.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length),
    hostname: host?.name ?? '',
  });
  return `  <testsuite${about}>\n${check.findings.map((finding) => testCase(finding, check)).join('')}  </testsuite>\n`;
}

function testCase(finding: Finding, { id, docs }: CheckReport): string {
  const { subject, nodes, status, reason, message } = finding;
  const name = attributes({ classname: id.replaceAll('/', '.'), name: `${subject} (${nodes.join(', ')})` });
  if (status === 'pass') return `    <testcase${name}/>\n`;
  const element = { fail: 'failure', unknown: 'error', warn: 'system-out', skip: 'skipped' }[status];
  const about =
    status === 'warn'
      ? ''
      : attributes(status === 'skip' ? { message: `${reason}: ${message}` } : { type: reason, message });
  const body = status === 'skip' ? '/>' : `>${details(finding, docs).map(escaped).join('\n')}</${element}>`;
  return `    <testcase${name}>\n      <${element}${about}${body}\n    </testcase>\n`;
}

/** Some readers show the text of an element and not its attributes: all is said here again. */
function details(finding: Finding, docs: string): string[] {
  const { status, reason, message, expected, actual, why, remedy } = finding;
  const labelled = { expected, found: actual, why, softened: softening(finding), fix: remedy?.text, docs };
  return [
    `${status} ${reason}: ${message}`,
    ...Object.entries(labelled).flatMap(([label, value]) => (value === undefined ? [] : [`${label}: ${value}`])),
    ...(remedy?.commands ?? []).map((command) => `  ${command}`),
  ];
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML 1.0 cannot hold (production 2, Char), not even as a reference, is replaced too. */
function escaped(text: string): string {
  return printable(text)
    .replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}
