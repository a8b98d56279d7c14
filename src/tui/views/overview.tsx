import { Box } from 'ink';
import type { ReactNode } from 'react';
import { whySkipped } from '../../report/text/categories.ts';
import { lengthOf } from '../../report/text/layout.ts';
import { glyph } from '../../report/text/theme.ts';
import { isFault, STATUSES } from '../../values/status.ts';
import { selectedFinding } from '../state/findings.ts';
import { hasChanged, rowsOf, selectedIndex, selectedRow, type Row } from '../state/rows.ts';
import { bodyHeight, viewOf, type CheckState, type State } from '../state/state.ts';
import { findingLines } from './finding-lines.ts';
import { Divider, Lines } from './lines.tsx';
import { cell, clean, layoutFor, mark, statusCell, statusWidth, tint, windowOf, type Look } from './look.ts';

/** From so many columns the finding stands beside the list. */
const BESIDE = 80;
/** Rows of the finding below the list, and how many the list needs for that. */
const BELOW = 5;
const LIST = 8;

export function Overview({ state, look }: { readonly state: State; readonly look: Look }): ReactNode {
  const { columns } = state.size;
  const height = bodyHeight(state);
  if (columns >= BESIDE) {
    const left = Math.min(64, Math.floor(columns * 0.45));
    return (
      <Box>
        <Lines lines={listLines(state, left, height, look)} width={left} height={height} />
        <Divider height={height} look={look} />
        <Lines lines={selectedLines(state, columns - left - 1, look)} width={columns - left - 1} height={height} />
      </Box>
    );
  }
  const below = height - BELOW - 1 >= LIST ? BELOW : 0;
  const list = below === 0 ? height : height - below - 1;
  return (
    <Box flexDirection="column">
      <Lines lines={listLines(state, columns, list, look)} width={columns} height={list} />
      {below === 0 ? null : (
        <Lines
          lines={[mark('rule', look).repeat(columns), ...briefly(state, columns, look)]}
          width={columns}
          height={below + 1}
        />
      )}
    </Box>
  );
}

function listLines(state: State, width: number, height: number, look: Look): string[] {
  const view = viewOf(state);
  const rows = rowsOf(state);
  if (rows.length === 0) {
    const { filter, faultsOnly, results } = state;
    if (filter !== '') return [` nothing matches ${clean(filter, look)}: Esc ends the filter`];
    return [faultsOnly && results.checks.length > 0 ? ' no faults: f shows everything' : ''];
  }
  const selected = selectedIndex(rows, view.kind === 'overview' ? view.selected : null);
  const { from, to } = windowOf(rows.length, selected, height);
  const named = Math.max(0, ...state.results.checks.map(({ id, category }) => lengthOf(id) - lengthOf(category) - 1));
  return rows.slice(from, to).map((row, index) => {
    const isSelected = from + index === selected;
    const edge = isSelected ? tint(mark('selected', look), 'strong', look) : ' ';
    if (row.kind === 'category') return edge + categoryLine(row, isSelected, look);
    return edge + checkLine(row.check, isSelected, { width, named: Math.min(24, named) }, look);
  });
}

function categoryLine(row: Extract<Row, { kind: 'category' }>, selected: boolean, look: Look): string {
  const fold = mark(row.unfolded ? 'unfolded' : 'folded', look);
  const name = cell(row.name, 15, look, selected || row.unfolded ? 'strong' : null);
  if (row.unfolded) return `${fold} ${name}`;
  const running = row.members.filter((check) => check.report === null).length;
  const counts = STATUSES.flatMap((status) => {
    const count = row.members.filter((check) => check.report?.status === status).length;
    return count === 0 ? [] : [tint(`${glyph(status, look.ascii)} ${status} ${count}`, status, look)];
  });
  if (running > 0) counts.push(`${mark('more', look)} ${running} to come`);
  return `${fold} ${name} ${counts.join('  ')}`;
}

/** `named`: columns of the longest name. */
interface Columns {
  readonly width: number;
  readonly named: number;
}

function checkLine(check: CheckState, selected: boolean, { width, named }: Columns, look: Look): string {
  const { report } = check;
  const status =
    report === null
      ? cell(`${mark('more', look)} run`, statusWidth(look), look, 'quiet')
      : statusCell(report.status, look);
  const busy = check.running && report !== null ? ` ${mark('more', look)}` : '';
  const name = check.id.slice(check.category.length + 1);
  const rest = width - 4 - statusWidth(look) - named - busy.length;
  return `  ${status}${cell(name, named, look, selected ? 'strong' : null)} ${rest < 6 ? '' : cell(about(check), rest, look, 'quiet')}${busy}`;
}

/** What of a check fits into a few columns: what changed, where it is wrong, why it was skipped. */
function about(check: CheckState): string {
  const { report, previous } = check;
  if (report === null) return '';
  const changed = previous !== null && hasChanged(check) ? [`was ${previous.status}`] : [];
  return [...changed, ...aboutNow(check)].join(', ');
}

function aboutNow({ report }: CheckState): string[] {
  if (report === null) return [];
  const { findings, status } = report;
  const wrong = findings.filter((finding) => isFault(finding.status));
  const [first] = wrong;
  if (first !== undefined) return [findings.length > 1 ? `${wrong.length} of ${findings.length}` : first.subject];
  if (status === 'skip') return [findings[0]?.reason === 'not-asked' ? 'r runs it' : whySkipped(report)];
  return findings.length > 1 ? [String(findings.length)] : [];
}

/** The finding of the selected check, or what its category is about. */
function selectedLines(state: State, width: number, look: Look): string[] {
  const finding = selectedFinding(state);
  if (finding !== undefined) {
    const others = moreOf(state, width, look);
    return [...findingLines(state, finding, width, look), ...others];
  }
  const view = viewOf(state);
  const row = selectedRow(rowsOf(state), view.kind === 'overview' ? view.selected : null);
  if (row === undefined) return [];
  const layout = layoutFor(look, width);
  if (row.kind === 'check') {
    return [
      ` ${tint(clean(row.check.id, look), 'strong', look)}`,
      '',
      ...layout.paragraph([row.check.title], { indent: 1 }),
      '',
      ` ${mark('more', look)} still running`,
    ];
  }
  return [
    ` ${tint(clean(row.name, look), 'strong', look)}`,
    '',
    ...row.shown.flatMap(({ title, report }) =>
      layout.paragraph(
        [
          report === null
            ? { text: mark('more', look), tone: 'quiet', sticky: true }
            : { text: glyph(report.status, look.ascii), tone: report.status, sticky: true },
          ` ${title}`,
        ],
        { indent: 1, hanging: 4 },
      ),
    ),
  ];
}

/** That a check found more than what is shown. */
function moreOf(state: State, width: number, look: Look): string[] {
  const view = viewOf(state);
  const row = selectedRow(rowsOf(state), view.kind === 'overview' ? view.selected : null);
  const count = row?.kind === 'check' ? (row.check.report?.findings.length ?? 0) : 0;
  if (count < 2) return [];
  return layoutFor(look, width).paragraph(
    [`and ${count - 1} more ${count === 2 ? 'finding' : 'findings'}: Enter lists them`],
    { indent: 4 },
  );
}

/** What stands below the list on a narrow screen. */
function briefly(state: State, width: number, look: Look): string[] {
  const finding = selectedFinding(state);
  if (finding === undefined) return selectedLines(state, width, look).slice(0, BELOW);
  const layout = layoutFor(look, width);
  const { message, expected, actual, subject, reason, status } = finding;
  return [
    ...layout.paragraph([` ${subject}`, { text: `  ${reason}`, tone: status }], { hanging: 2 }),
    ...layout.paragraph([message], { indent: 1 }),
    ...(expected === undefined ? [] : layout.paragraph([`expected  ${expected}`], { indent: 1, hanging: 11 })),
    ...(actual === undefined ? [] : layout.paragraph([`found     ${actual}`], { indent: 1, hanging: 11 })),
  ];
}
