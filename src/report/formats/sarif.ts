import type { Log, Notification, Result, Run } from 'sarif';
import { printable } from '../../values/printable.ts';
import { softening } from '../text/labels.ts';
import type { Finding, Report } from '../schema.ts';
import { defineFormat } from './define-format.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const LEVELS = { fail: 'error', warn: 'warning' } as const;

/**
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html: each check is a rule, what fails or warns is a result. Who shows results looks at no
 * other kinds of them, so what could not be decided is a notification of the run.
 */
export default defineFormat({
  title: 'SARIF 2.1.0 for code scanning: each check is a rule, what fails or warns is a result',
  render: (report) => {
    const log: Log = { $schema: SCHEMA, version: '2.1.0', runs: [runOf(report)] };
    return `${JSON.stringify(log, null, 2)}\n`;
  },
});

function runOf(report: Report): Run {
  const { tool, run, checks } = report;
  const ended = new Date(Date.parse(run.startedAt) + run.durationMs);
  const all = checks.flatMap(({ findings }, index) => findings.map((finding) => ({ finding, index })));
  return {
    tool: {
      driver: {
        name: tool.name,
        version: tool.version,
        rules: checks.map(({ id, title, docs }) => ({
          id: printable(id),
          shortDescription: { text: escaped(title) },
          helpUri: docs,
        })),
      },
    },
    automationDetails: { id: `seaworthy/${run.command}/` },
    invocations: [
      {
        executionSuccessful: true,
        startTimeUtc: run.startedAt,
        endTimeUtc: ended.toISOString(),
        toolExecutionNotifications: all.flatMap(({ finding, index }) =>
          finding.status === 'unknown' ? [undecided(finding, index)] : [],
        ),
      },
    ],
    results: all.flatMap(({ finding, index }) => resultOf(finding, index)),
  };
}

function resultOf(finding: Finding, index: number): Result[] {
  const { check, nodes, subject, status, reason, because } = finding;
  if (status !== 'fail' && status !== 'warn') return [];
  const softened = softening(finding);
  return [
    {
      ruleId: printable(check),
      ruleIndex: index,
      level: LEVELS[status],
      message: { text: told(finding) },
      locations: nodes.map((node) => ({
        // Code scanning shows no result without a file.
        physicalLocation: {
          artifactLocation: { uri: `nodes/${encodeURIComponent(printable(node))}` },
          region: { startLine: 1 },
        },
        logicalLocations: [{ fullyQualifiedName: printable(`${node} ${subject}`) }],
      })),
      // The same from run to run, by which the same alert is known again.
      partialFingerprints: { primaryLocationLineHash: printable(JSON.stringify([check, nodes, subject])) },
      properties: { reason: printable(reason), subject: printable(subject) },
      ...(softened === undefined || because === 'role-any'
        ? {}
        : { suppressions: [{ kind: 'external' as const, justification: escaped(softened) }] }),
    },
  ];
}

function undecided(finding: Finding, index: number): Notification {
  return {
    level: 'warning',
    message: { text: told(finding) },
    associatedRule: { id: printable(finding.check), index },
  };
}

/** Everything in one text, which is all that is shown. */
function told({ subject, nodes, message, expected, actual, why, remedy }: Finding): string {
  const labelled = { Expected: expected, Found: actual, Why: why, Fix: remedy?.text };
  const lines = [
    `${subject} (${nodes.join(', ')}): ${message}`,
    ...Object.entries(labelled).flatMap(([label, value]) => (value === undefined ? [] : [`${label}: ${value}`])),
    ...(remedy?.commands ?? []),
  ];
  return lines.map(escaped).join('\n');
}

/** Braces would be placeholders (3.11.5), and a bracket before a parenthesis a link (3.11.6). */
function escaped(text: string): string {
  return printable(text).replaceAll(/[{}]/g, '$&$&').replaceAll('](', '\\](');
}
