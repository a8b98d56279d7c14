import type { Finding } from '../../report/schema.ts';
import { lengthOf } from '../../report/text/layout.ts';
import { before } from '../state/findings.ts';
import type { State } from '../state/state.ts';
import { cell, mark, statusCell, statusWidth, tint, windowOf, type Look } from './look.ts';

interface Column {
  readonly title: string;
  readonly of: (finding: Finding) => string;
  /** The higher, the sooner it drops out where there is no room. */
  readonly drop: number;
  readonly widest: number;
}

/** A line of titles, and the findings that are seen. */
export function tableLines(
  state: State,
  findings: readonly Finding[],
  selected: number,
  { height, width }: { readonly height: number; readonly width: number },
  look: Look,
): string[] {
  const { from, to } = windowOf(findings.length, selected, height);
  const { columns, widths } = fitted(naturalWidths(state, findings), width - 2 - statusWidth(look) - 1);
  const line = (texts: readonly string[]) =>
    texts.map((text, index) => cell(text, widths[index] ?? 0, look)).join('  ');
  const titles = `  ${cell('status', statusWidth(look), look)}${line(columns.map(({ title }) => title))}`;
  return [
    tint(titles, 'quiet', look),
    ...findings.slice(from, to).map((finding, index) => {
      const edge = from + index === selected ? tint(mark('selected', look), 'strong', look) : ' ';
      return `${edge} ${statusCell(finding.status, look)}${line(columns.map(({ of }) => of(finding)))}`;
    }),
  ];
}

function columnsOf(state: State, findings: readonly Finding[]): Column[] {
  const changed = (finding: Finding) => {
    const earlier = before(state, finding);
    return earlier === undefined || earlier.status === finding.status ? '' : `was ${earlier.status}`;
  };
  const common: Column[] = [
    { title: 'reason', of: ({ reason }) => reason, drop: 0, widest: 24 },
    { title: 'before', of: changed, drop: 2, widest: 12 },
  ];
  if (findings.some(({ probe }) => probe !== undefined)) {
    return [
      { title: 'from', of: ({ probe, nodes }) => probe?.from.node ?? nodes[0] ?? '', drop: 0, widest: 20 },
      { title: 'to', of: ({ probe, nodes }) => probe?.to.node ?? nodes[1] ?? '', drop: 0, widest: 20 },
      {
        title: 'port',
        of: (each) => (each.probe === undefined ? each.subject : portOf(each.probe.to)),
        drop: 0,
        widest: 24,
      },
      { title: 'why it is needed', of: ({ probe }) => probe?.purpose ?? '', drop: 4, widest: 40 },
      ...common,
      { title: 'proof', of: ({ probe }) => probe?.proof ?? '', drop: 5, widest: 10 },
      { title: 'tries', of: ({ probe }) => String(probe?.attempts ?? ''), drop: 6, widest: 5 },
    ];
  }
  const several = state.results.nodes.length > 1;
  return [
    ...(several ? [{ title: 'node', of: ({ nodes }: Finding) => nodes.join(', '), drop: 0, widest: 30 }] : []),
    { title: 'subject', of: ({ subject }) => subject, drop: 0, widest: 40 },
    ...common,
    { title: 'found', of: ({ actual, message }) => actual ?? message, drop: 3, widest: 120 },
  ];
}

function portOf({ protocol, port }: { readonly protocol: string; readonly port: string }): string {
  return `${protocol}/${port}`;
}

interface Natural {
  readonly column: Column;
  readonly width: number;
}

/** The same findings are as wide as they were: thousands are measured once. */
const measured = new WeakMap<readonly Finding[], readonly Natural[]>();

function naturalWidths(state: State, findings: readonly Finding[]): readonly Natural[] {
  const known = measured.get(findings);
  if (known !== undefined) return known;
  const natural = columnsOf(state, findings).map((column) => ({ column, width: widestOf(column, findings) }));
  measured.set(findings, natural);
  return natural;
}

/** The columns that there is room for, and how wide each is; one without a word in it drops out too. */
function fitted(
  natural: readonly Natural[],
  width: number,
): { readonly columns: readonly Column[]; readonly widths: readonly number[] } {
  let left = natural.filter(({ column, width: wide }) => column.drop === 0 || wide > 0);
  const total = () => left.reduce((sum, each) => sum + each.width + 2, -2);
  while (total() > width) {
    const worst = Math.max(...left.map(({ column }) => column.drop));
    // What has to stay is cut.
    if (worst === 0) {
      const widest = left.reduce((a, b) => (b.width > a.width ? b : a));
      if (widest.width <= 6) break;
      left = left.map((each) =>
        each === widest ? { ...each, width: Math.max(6, each.width - (total() - width)) } : each,
      );
      continue;
    }
    // The last column may be cut before it goes.
    const last = left.findLast(({ column }) => column.drop === worst);
    const rest = width - (total() - (last?.width ?? 0));
    left =
      last !== undefined && last === left.at(-1) && rest >= 20
        ? left.map((each) => (each === last ? { ...each, width: rest } : each))
        : left.filter((each) => each !== last);
  }
  return { columns: left.map(({ column }) => column), widths: left.map((each) => each.width) };
}

/** With its title; 0 where nothing stands in it. */
function widestOf({ of, title, widest }: Column, findings: readonly Finding[]): number {
  let most = 0;
  for (const finding of findings) most = Math.max(most, lengthOf(of(finding)));
  return most === 0 ? 0 : Math.min(widest, Math.max(title.length, most));
}
