import { printable } from '../../values/printable.ts';
import { STATUSES, worst, type Status } from '../../values/status.ts';
import { block, code, prose, table } from '../markdown.ts';
import type { Report } from '../schema.ts';
import { groupsOf, type Block, type Group } from '../text/blocks.ts';
import { nodeLines } from '../text/findings.ts';
import type { Labels } from '../text/labels.ts';
import { some } from '../text/names.ts';
import { endsOf, storyLines } from '../text/probe-blocks.ts';
import { counts, covers, took } from '../text/verdict.ts';
import { defineFormat } from './define-format.ts';

const VERDICTS = { ready: 'ready', 'not-ready': 'not ready', unknown: 'unknown' } as const;
/** How many findings of one reason are shown in full. */
const IN_FULL = 3;

/** GitHub Flavored Markdown: a heading, who was judged, a row for each category, and what is wrong in full. */
export default defineFormat({
  title: 'Markdown for a ticket or a pull request',
  render: (report, { quiet, verbose }) => {
    const groups = groupsOf(report, ['fail', 'unknown', 'warn'], !verbose);
    const parts = [
      [`## seaworthy: ${VERDICTS[report.verdict]}`],
      [`${prose(counts(report))} ${took(report)}; covers ${prose(covers(report))}.`],
      ...(quiet ? [] : [nodes(report), categories(report)]),
      ...groups.flatMap((group) => faults(group, report, verbose)),
      [`seaworthy ${prose(report.tool.version)}, ${prose(report.run.startedAt)}`],
    ];
    const written = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
    return `${written.join('\n\n')}\n`;
  },
});

function nodes(report: Report): string[] {
  return table(
    ['node', 'addresses', 'roles', 'stage', 'Kubernetes'],
    report.nodes.map(({ name, addresses, roles, stage, kubernetesVersion }) => [
      prose(name),
      prose(addresses.join(', ')),
      prose(roles.join(', ')),
      stage,
      prose(kubernetesVersion),
    ]),
  );
}

function categories({ checks }: Report): string[] {
  const rows = [...Map.groupBy(checks, ({ category }) => category)].map(([category, members]) => {
    const count = (status: Status) => {
      const number = members.filter((check) => check.status === status).length;
      return number === 0 ? '' : String(number);
    };
    const status = worst(members.map((check) => check.status));
    return [prose(category), status === 'pass' || status === 'skip' ? status : `**${status}**`, ...STATUSES.map(count)];
  });
  return table(['category', 'status', ...STATUSES], rows);
}

function faults({ blocks }: Group, report: Report, verbose: boolean): string[][] {
  const shown = verbose ? blocks : blocks.slice(0, IN_FULL);
  const hidden = blocks.slice(shown.length);
  const names = hidden.map((each) => subjectOf(each, report).join(' '));
  return [
    ...shown.map((each) => fault(each, report)),
    ...(hidden.length === 0 ? [] : [[`${hidden.length} more like this: ${prose(some(names))}`]]),
  ];
}

function fault(each: Block, report: Report): string[] {
  const { finding, checks, story } = each;
  const title = [checks.join(', '), ...subjectOf(each, report), finding.reason].map(code).join(' ');
  const said = story === null ? nodeLines(finding, [], LABELS) : storyLines(story, [], LABELS);
  const docs = report.checks.find(({ id }) => id === checks[0])?.docs ?? '';
  return [`### ${finding.status}: ${title}`, '', ...said, ...link(docs)];
}

function subjectOf({ finding, nodes: names, story }: Block, report: Report): string[] {
  if (story !== null) return [endsOf(story), story.label];
  return [...(report.nodes.length > 1 ? [some(names)] : []), finding.subject];
}

function link(docs: string): string[] {
  return /^https?:/.test(docs) ? ['', `<${encodeURI(printable(docs))}>`] : [];
}

/** The lines below a title as a list, whose items no text from outside can begin or end. */
const LABELS: Labels = {
  sentence: (text) => (text === undefined ? [] : [`- **is**: ${prose(text)}`]),
  label: (name, text) => (text === undefined || text === '' ? [] : [`- **${name}**: ${prose(text)}`]),
  commands: block,
};
