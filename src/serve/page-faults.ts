import type { Report } from '../report/schema.ts';
import type { Block, Group } from '../report/text/blocks.ts';
import { nodeLines } from '../report/text/findings.ts';
import type { Labels } from '../report/text/labels.ts';
import { some } from '../report/text/names.ts';
import { endsOf, storyLines } from '../report/text/probe-blocks.ts';
import { markup, Markup } from './html.ts';
import { mark } from './mark.ts';

/** How many findings of one reason are shown in full. */
const IN_FULL = 5;

/** What is not as it should be, the worst first, with what to do. */
export function faults(groups: readonly Group[], report: Report): Markup[] {
  return groups.flatMap(({ status, blocks }) => {
    const shown = blocks.slice(0, IN_FULL);
    const hidden = blocks.slice(IN_FULL);
    const rest = hidden.map((each) => subjectOf(each, report).join(' '));
    return [
      ...shown.map((each) => fault(each, report)),
      ...(hidden.length === 0
        ? []
        : [markup`<p class="${status}">${mark(status)} ${hidden.length} more like this: ${some(rest)}</p>\n`]),
    ];
  });
}

function fault(each: Block, report: Report): Markup {
  const { finding, checks, story } = each;
  const said = story === null ? nodeLines(finding, [], LABELS) : storyLines(story, [], LABELS);
  const docs = report.checks.find(({ id }) => id === checks[0])?.docs ?? '';
  return markup`<article class="${finding.status}"><h3>${mark(finding.status)} ${checks.join(', ')} <code>${subjectOf(each, report).join('  ')}</code> ${finding.reason}</h3>
${new Markup(said.join('\n'))}
${link(docs)}</article>
`;
}

function subjectOf({ finding, nodes, story }: Block, report: Report): string[] {
  if (story !== null) return [endsOf(story), story.label];
  return [...(report.nodes.length > 1 ? [some(nodes)] : []), finding.subject];
}

/** A plugin may name any address. */
function link(docs: string): Markup {
  return /^https?:\/\//.test(docs) ? markup`<p><a href="${docs}" rel="noreferrer">${docs}</a></p>` : markup``;
}

/** The lines below a title, as markup. */
const LABELS: Labels = {
  sentence: (text) => (text === undefined ? [] : [markup`<p>${text}</p>`.text]),
  label: (name, text) =>
    text === undefined || text === '' ? [] : [markup`<div class="row"><b>${name}</b><span>${text}</span></div>`.text],
  commands: (commands) =>
    commands.length === 0 ? [] : [markup`<pre>${commands.map((command) => markup`${command}\n`)}</pre>`.text],
};
