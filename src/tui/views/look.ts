import { toAscii } from '../../report/text/ascii.ts';
import { layoutOf, lengthOf, type Layout } from '../../report/text/layout.ts';
import { glyph, paint, type Tone } from '../../report/text/theme.ts';
import { printable } from '../../values/printable.ts';
import type { Status } from '../../values/status.ts';

/** What the terminal can show. */
export interface Look {
  readonly color: boolean;
  readonly ascii: boolean;
}

const MARKS = {
  selected: ['▌', '>'],
  unfolded: ['▾', 'v'],
  folded: ['▸', '>'],
  more: ['…', '..'],
  rule: ['─', '-'],
  bar: ['│', '|'],
  topLeft: ['┌', '+'],
  topRight: ['┐', '+'],
  bottomLeft: ['└', '+'],
  bottomRight: ['┘', '+'],
  right: ['▶', '>'],
  left: ['◀', '<'],
  down: ['▼', 'v'],
  partly: ['◐', '/'],
  itself: ['·', '.'],
  between: ['→', '->'],
  crumb: ['▸', '>'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export function mark(name: keyof typeof MARKS, { ascii }: Look): string {
  return MARKS[name][ascii ? 1 : 0];
}

/** Text from anywhere as it may be shown. */
export function clean(text: string, { ascii }: Look): string {
  const shown = printable(text.replaceAll(/\s/gu, ' '));
  return ascii ? toAscii(shown) : shown;
}

export function tint(text: string, tone: Tone | null, { color }: Look): string {
  return color && tone !== null && text !== '' ? paint(text, tone) : text;
}

/** Exactly so many columns: cut, or filled up with spaces. */
export function cell(text: string, width: number, look: Look, tone: Tone | null = null): string {
  const shown = cut(clean(text, look), width, look);
  return tint(shown, tone, look) + ' '.repeat(Math.max(0, width - lengthOf(shown)));
}

export function cut(text: string, width: number, look: Look): string {
  if (lengthOf(text) <= width) return text;
  const more = mark('more', look);
  if (width <= more.length) return Array.from(text).slice(0, Math.max(0, width)).join('');
  return (
    Array.from(text)
      .slice(0, width - more.length)
      .join('') + more
  );
}

/** `× fail` in so many columns. */
export function statusCell(status: Status, look: Look): string {
  return tint(`${glyph(status, look.ascii)} ${status}`.padEnd(STATUS_WIDTH + (look.ascii ? 1 : 0)), status, look);
}

/** Columns of a glyph, the longest word and the spaces behind them. */
const STATUS_WIDTH = 10;

export function statusWidth({ ascii }: Look): number {
  return STATUS_WIDTH + (ascii ? 1 : 0);
}

export function layoutFor(look: Look, width: number): Layout {
  return layoutOf({ ...look, width, quiet: false, verbose: true });
}

/** A piece of a line that is left out where there is no room. */
export interface Piece {
  readonly text: string;
  readonly tone?: Tone;
  /** The higher, the sooner it is left out; 0 stays, and is cut. */
  readonly drop: number;
}

/** Pieces at both edges of a line; those that matter least make room. */
export function edges(left: readonly Piece[], right: readonly Piece[], width: number, look: Look): string {
  let pieces = [...left, ...right].map((piece) => ({ ...piece, text: clean(piece.text, look) }));
  const isRight = new Set(right.map(({ text }) => clean(text, look)));
  const total = () =>
    pieces.reduce((sum, { text, drop }) => sum + Math.min(lengthOf(text), drop === 0 ? SHORTEST : width) + GAP, 0);
  while (total() > width) {
    const worst = Math.max(0, ...pieces.map(({ drop }) => drop));
    if (worst === 0) break;
    const last = pieces.findLastIndex(({ drop }) => drop === worst);
    pieces = pieces.filter((_, index) => index !== last);
  }
  const side = (wanted: boolean) => pieces.filter(({ text }) => isRight.has(text) === wanted);
  const join = (these: typeof pieces) =>
    these.map(({ text, tone }) => tint(text, tone ?? null, look)).join(' '.repeat(GAP));
  const end = side(true);
  const begin = shortened(side(false), width - end.reduce((sum, { text }) => sum + lengthOf(text) + GAP, 1), look);
  const used = [...begin, ...end].reduce((sum, { text }) => sum + lengthOf(text), 2);
  const gaps = GAP * (Math.max(0, begin.length - 1) + Math.max(0, end.length - 1));
  return ` ${join(begin)}${end.length === 0 ? '' : ' '.repeat(Math.max(1, width - used - gaps)) + join(end)}`;
}

/** What stays is cut to no less than this for what else there is to say. */
const SHORTEST = 24;

/** What stays and does not fit is cut at its end. */
function shortened<T extends { readonly text: string }>(pieces: readonly T[], width: number, look: Look): T[] {
  let left = width;
  return pieces.map((piece) => {
    const text = cut(piece.text, Math.max(0, left), look);
    left -= lengthOf(text) + GAP;
    return { ...piece, text };
  });
}

const GAP = 2;

/** The part of a list that is seen, with the selected one in its middle as far as that goes. */
export function windowOf(
  length: number,
  selected: number,
  height: number,
): { readonly from: number; readonly to: number } {
  const from = Math.max(0, Math.min(length - height, selected - Math.floor(height / 2)));
  return { from, to: Math.min(length, from + height) };
}
