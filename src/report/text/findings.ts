import type { Finding, Report } from '../schema.ts';
import type { Rendering } from '../formats/define-format.ts';
import { groupsOf, type Block, type Group } from './blocks.ts';
import { lengthOf, type Layout, type Mark, type Span } from './layout.ts';
import { glyph } from './theme.ts';

/** How many findings of one reason are shown in full. */
const IN_FULL = 3;
/** How many subjects or nodes are named in a list. */
const BY_NAME = 12;

const INDENT = 4;
/** Where what stands behind a label begins. */
const COLUMN = 14;

/** What is not as it should be, each with what was expected, what is, why it matters and what to do. */
export function findings(report: Report, { verbose }: Rendering, layout: Layout): string[] {
  const wanted = verbose
    ? (['fail', 'unknown', 'warn', 'pass', 'skip'] as const)
    : (['fail', 'unknown', 'warn'] as const);
  const view = { several: report.nodes.length > 1, verbose };
  return groupsOf(report, wanted).flatMap((group) => {
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
  const { finding } = block;
  const mark: Mark = { text: glyph(finding.status, layout.ascii), tone: finding.status, sticky: true };
  if (finding.status === 'pass' || finding.status === 'skip') {
    return layout.paragraph([mark, ...title(block, view), `  ${finding.message}`], { hanging: INDENT });
  }
  const label = (name: string, text: string | undefined) => labelled(name, text, layout);
  const heading = [mark, ...title(block, view)];
  const name = finding.kubeadm === undefined ? '' : `kubeadm: ${finding.kubeadm}`;
  const space = layout.width - lengthOf(plain(heading)) - lengthOf(name);
  const fits = name !== '' && space >= 2;
  const aside: Span[] = fits ? [{ text: ' '.repeat(space) + name, tone: 'quiet' }] : [];
  return [
    ...layout.paragraph([...heading, ...aside], { hanging: INDENT }),
    ...layout.paragraph([finding.message], { indent: INDENT }),
    ...label('expected', finding.expected),
    ...label('found', finding.actual),
    ...label('why', finding.why),
    ...label('softened', softening(finding)),
    ...label('kubeadm', fits ? undefined : finding.kubeadm),
    ...label('fix', finding.remedy?.text),
    ...(finding.remedy?.commands ?? []).flatMap((command) => layout.command(command, COLUMN)),
    '',
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

function labelled(name: string, text: string | undefined, layout: Layout): string[] {
  if (text === undefined || text === '') return [];
  const gap = ' '.repeat(Math.max(2, COLUMN - INDENT - name.length));
  return layout.paragraph([{ text: name, tone: 'quiet' }, `${gap}${text}`], { indent: INDENT, hanging: COLUMN });
}

function softening({ because }: Finding): string | undefined {
  if (because === undefined) return undefined;
  if (because === 'role-any') return 'it fails on a node of that role; say --role to have it judged';
  return because === 'waiver'
    ? 'it fails, and a waiver allows it'
    : 'it fails, and --ignore-preflight-errors allows it';
}

function rest({ status, blocks }: Group, shown: number, { several }: View, layout: Layout): string[] {
  const hidden = blocks.slice(shown);
  const [first] = hidden;
  if (first === undefined) return [];
  const names = hidden.map(({ finding, nodes }) =>
    several ? `${finding.subject} on ${some(nodes)}` : finding.subject,
  );
  const text = ` ${first.checks.join(', ')}  ${hidden.length} more ${first.finding.reason}: ${some(names)} (--verbose shows each)`;
  const mark: Mark = { text: glyph(status, layout.ascii), tone: status, sticky: true };
  return [...layout.paragraph([mark, text], { hanging: INDENT }), ''];
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, BY_NAME).join(', ');
  return names.length > BY_NAME ? `${shown} and ${names.length - BY_NAME} others` : shown;
}
