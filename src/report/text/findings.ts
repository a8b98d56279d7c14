import type { Finding, Report } from '../schema.ts';
import type { Rendering } from '../formats/define-format.ts';
import { groupsOf, type Block, type Group } from './blocks.ts';
import { INDENT, labelsOf, softening, type Labels } from './labels.ts';
import { lengthOf, type Layout, type Mark, type Span } from './layout.ts';
import { some } from './names.ts';
import { endsOf, storyLines, storyTitle } from './probe-blocks.ts';
import { glyph } from './theme.ts';

/** How many findings of one reason are shown in full. */
const IN_FULL = 3;

/** What is not as it should be, each with what was expected, what is, why it matters and what to do. */
export function findings(report: Report, { verbose }: Rendering, layout: Layout): string[] {
  const wanted = verbose
    ? (['fail', 'unknown', 'warn', 'pass', 'skip'] as const)
    : (['fail', 'unknown', 'warn'] as const);
  const view = { several: report.nodes.length > 1, verbose };
  return groupsOf(report, wanted, !verbose).flatMap((group) => {
    const shown = verbose ? group.blocks : group.blocks.slice(0, IN_FULL);
    return [...shown.flatMap((block) => blockLines(block, view, layout)), ...rest(group, shown.length, view, layout)];
  });
}

interface View {
  /** Several nodes: each finding names its own. */
  readonly several: boolean;
  readonly verbose: boolean;
}

function blockLines(block: Block, view: View, layout: Layout): string[] {
  const { finding, story } = block;
  const mark: Mark = { text: glyph(finding.status, layout.ascii), tone: finding.status, sticky: true };
  const heading = [mark, ...(story === null ? title(block, view) : storyTitle(story))];
  if (finding.status === 'pass' || finding.status === 'skip') {
    return layout.paragraph([...heading, `  ${finding.message}`], { hanging: INDENT });
  }
  const aside = asideOf(block);
  const space = layout.width - lengthOf(plain(heading)) - lengthOf(aside.text);
  const fits = aside.text !== '' && space >= 2;
  const atEdge: Span[] = fits ? [{ text: ' '.repeat(space) + aside.text, tone: 'quiet' }] : [];
  const labels = labelsOf(layout);
  const beside = fits ? [] : labels.label(aside.name, aside.value);
  return [
    ...layout.paragraph([...heading, ...atEdge], { hanging: INDENT }),
    ...(story === null ? nodeLines(finding, beside, labels) : storyLines(story, beside, labels)),
    '',
  ];
}

/** What stands at the right edge of a title, or where it does not fit behind a label: of packets the check, else kubeadm's name. */
function asideOf({ finding: { kubeadm }, checks, story }: Block): { name: string; value: string; text: string } {
  if (story !== null) return { name: 'check', value: checks.join(', '), text: checks.join(', ') };
  return { name: 'kubeadm', value: kubeadm ?? '', text: kubeadm === undefined ? '' : `kubeadm: ${kubeadm}` };
}

/** What was expected of a node, what is, why it matters and what to do. */
export function nodeLines(
  finding: Finding,
  beside: readonly string[],
  { sentence, label, commands }: Labels,
): string[] {
  return [
    ...sentence(finding.message),
    ...label('expected', finding.expected),
    ...label('found', finding.actual),
    ...label('why', finding.why),
    ...label('softened', softening(finding)),
    ...beside,
    ...label('fix', finding.remedy?.text),
    ...commands(finding.remedy?.commands ?? []),
  ];
}

/** `ports/available  tcp/10250  in-use` */
function title({ finding: { status, subject, reason }, checks, nodes }: Block, { several, verbose }: View): Span[] {
  return [
    { text: ` ${checks.join(', ')}`, tone: 'strong' },
    ...(several ? [`  ${verbose ? nodes.join(', ') : some(nodes)}`] : []),
    `  ${subject}`,
    { text: `  ${reason}`, tone: status },
  ];
}

function plain(spans: readonly (Span | Mark)[]): string {
  return spans.map((span) => (typeof span === 'string' ? span : span.text)).join('');
}

function rest({ status, blocks }: Group, shown: number, { several }: View, layout: Layout): string[] {
  const hidden = blocks.slice(shown);
  const [first] = hidden;
  if (first === undefined) return [];
  const names = hidden.map(({ finding, nodes, story }) => {
    if (story !== null) return `${endsOf(story)} ${story.label}`;
    return several ? `${finding.subject} on ${some(nodes)}` : finding.subject;
  });
  const text = ` ${first.checks.join(', ')}  ${hidden.length} more ${first.finding.reason}: ${some(names)} (--verbose shows each)`;
  const mark: Mark = { text: glyph(status, layout.ascii), tone: status, sticky: true };
  return [...layout.paragraph([mark, text], { hanging: INDENT }), ''];
}
