import type { Status } from '../../values/status.ts';
import type { Rendering } from '../formats/define-format.ts';
import type { Report } from '../schema.ts';
import { lengthOf, type Layout, type Span } from './layout.ts';
import { pairStatuses, type PairLayer } from './pairs.ts';
import { glyph } from './theme.ts';

/** Of more nodes only those are shown that something is wrong with, and of these no more than so many. */
const MOST = 20;

const WORDS: Readonly<Record<Status, string>> = { fail: 'FAIL', unknown: '?', warn: 'warn', pass: 'ok', skip: '-' };
const CORNERS: Readonly<Record<PairLayer, string>> = { nodes: 'from \\ to', pods: 'pods \\ to' };

interface Cell {
  readonly text: string;
  readonly tone: Status | null;
}

interface Named {
  readonly place: number;
  readonly name: string;
  readonly address: string;
}

interface Grid {
  readonly corner: string;
  readonly rows: readonly Named[];
  readonly columns: readonly Named[];
  readonly statusOf: (from: string, to: string) => Status | null;
}

/** Rows send, columns receive: the worst status of each directed pair. Where all is well it is shown of few nodes, or to those who want to see all there is. */
export function matrix(report: Report, { verbose }: Rendering, layout: Layout, layer: PairLayer): string[] {
  const statusOf = pairStatuses(report, layer);
  const corner = CORNERS[layer];
  const nodes = report.nodes.map(({ name, addresses }, index) => ({
    place: index + 1,
    name,
    address: addresses[0] ?? '',
  }));
  const isWrong = (from: Named, to: Named) => ['fail', 'unknown', 'warn'].includes(statusOf(from.name, to.name) ?? '');
  const senders = nodes.filter((from) => nodes.some((to) => isWrong(from, to)));
  const receivers = nodes.filter((to) => nodes.some((from) => isWrong(from, to)));
  if (layer === 'pods' && !nodes.some((from) => nodes.some((to) => statusOf(from.name, to.name) !== null))) return [];
  const takesPart = report.nodes.some(({ self }) => self);
  if (senders.length === 0 && !verbose && (takesPart || nodes.length > MOST)) return [];
  if (verbose || nodes.length <= MOST) return grid({ corner, rows: nodes, columns: nodes, statusOf }, layout);
  const shown = { corner, rows: senders.slice(0, MOST), columns: receivers.slice(0, MOST), statusOf };
  return [
    ...grid(shown, layout),
    ...layout.paragraph(
      [
        `Only rows and columns with something wrong: ${part(shown.rows, senders)} that send and ${part(shown.columns, receivers)} that receive, of ${nodes.length} nodes (--verbose shows all).`,
      ],
      { hanging: 4 },
    ),
  ];
}

function part(shown: readonly Named[], all: readonly Named[]): string {
  return shown.length === all.length ? String(all.length) : `${shown.length} of ${all.length}`;
}

/** By name where there is room, else by number and in as many bands of columns as it takes. */
function grid(given: Grid, layout: Layout): string[] {
  const names = given.columns.map(({ name }) => layout.shown(name));
  const label = column(
    given.rows.map(({ name }) => layout.shown(name)),
    given.corner,
  );
  const addresses = column(
    given.rows.map(({ address }) => layout.shown(address)),
    '',
  );
  const widths = names.map((name) => Math.max(4, lengthOf(name)) + 2);
  const cellsWidth = widths.reduce((sum, width) => sum + width, -2);
  const heads = [
    { width: label.width + addresses.width, of: (name: string, address: string) => pad(name, label.width) + address },
    { width: label.width, of: (name: string) => name },
  ];
  const head = heads.find(({ width }) => width + cellsWidth <= layout.width);
  if (head === undefined) return byNumber(given, layout);
  return [
    line(pad(given.corner, head.width), names.map(plain), widths, layout),
    ...given.rows.map((row, index) =>
      line(
        pad(head.of(label.texts[index] ?? '', addresses.texts[index] ?? ''), head.width),
        cells(row, given, wordOf),
        widths,
        layout,
      ),
    ),
  ];
}

function byNumber(given: Grid, layout: Layout): string[] {
  const { corner, rows, columns } = given;
  const digits = String(Math.max(...[...rows, ...columns].map(({ place }) => place))).length;
  const room = Math.max(8, Math.floor(layout.width / 3) - digits - 1);
  const label = column(
    rows.map(({ place, name }) => `${pad(String(place), digits)} ${shorten(layout.shown(name), room, layout.ascii)}`),
    corner,
  );
  const width = Math.max(digits, layout.ascii ? 2 : 1) + 1;
  const fitting = Math.max(1, Math.floor((layout.width - label.width) / width));
  const bands = Array.from({ length: Math.ceil(columns.length / fitting) }, (_, band) =>
    columns.slice(band * fitting, (band + 1) * fitting),
  );
  const absent = columns.filter((each) => !rows.includes(each));
  return [
    ...bands.flatMap((band) => {
      const widths = band.map(() => width);
      return [
        line(
          pad(corner, label.width),
          band.map(({ place }) => plain(String(place))),
          widths,
          layout,
        ),
        ...rows.map((row, index) =>
          line(
            pad(label.texts[index] ?? '', label.width),
            cells(row, { ...given, columns: band }, glyphOf(layout)),
            widths,
            layout,
          ),
        ),
      ];
    }),
    ...(absent.length === 0
      ? []
      : layout.paragraph([absent.map(({ place, name }) => `${place} ${name}`).join(', ')], { indent: 2 })),
    ...layout.paragraph([legend(layout)], { indent: 2 }),
  ];
}

function legend({ ascii }: Layout): string {
  const words = [
    ['pass', 'gets through'],
    ['fail', 'does not'],
    ['warn', 'with a warning'],
    ['unknown', 'not known'],
  ] as const;
  return [...words.map(([status, word]) => `${glyph(status, ascii)} ${word}`), '- not tested'].join('  ');
}

function cells(row: Named, { columns, statusOf }: Grid, show: (status: Status) => string): Cell[] {
  return columns.map((to) => {
    if (to === row) return plain('.');
    const status = statusOf(row.name, to.name);
    return status === null ? plain('-') : { text: show(status), tone: status };
  });
}

function wordOf(status: Status): string {
  return WORDS[status];
}

function glyphOf({ ascii }: Layout): (status: Status) => string {
  return (status) => glyph(status, ascii);
}

function plain(text: string): Cell {
  return { text, tone: null };
}

function line(head: string, row: readonly Cell[], widths: readonly number[], layout: Layout): string {
  // Spaces belong to the word behind them.
  let gap = ' '.repeat(lengthOf(head) - lengthOf(head.trimEnd()));
  const spans = row.map(({ text, tone }, index): Span => {
    const span = gap + text;
    gap = ' '.repeat(Math.max(0, (widths[index] ?? 0) - lengthOf(text)));
    return tone === null ? span : { text: span, tone };
  });
  return layout.paragraph([head, ...spans]).join(' ');
}

/** What stands in a column, with how wide that is and the two spaces behind it. */
function column(texts: readonly string[], title: string): { texts: readonly string[]; width: number } {
  const longest = Math.max(lengthOf(title), ...texts.map(lengthOf));
  return { texts, width: longest === 0 ? 0 : longest + 2 };
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)));
}

function shorten(text: string, room: number, ascii: boolean): string {
  const more = ascii ? '...' : '…';
  const characters = Array.from(text);
  return characters.length <= room ? text : characters.slice(0, room - more.length).join('') + more;
}
