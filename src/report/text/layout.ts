import { printable } from '../../values/printable.ts';
import type { Rendering } from '../formats/define-format.ts';
import { toAscii } from './ascii.ts';
import { paint, type Tone } from './theme.ts';

/** A piece of a line. Strings from outside are welcome: they are cleaned here. */
export type Span = string | { readonly text: string; readonly tone: Tone };

/** A mark stays on the line of the word that follows it. */
export type Mark = { readonly text: string; readonly tone: Tone; readonly sticky: true };

/** How a paragraph stands on the page. */
interface Place {
  /** Columns before the first line. */
  readonly indent?: number;
  /** Columns before the lines that follow it. */
  readonly hanging?: number;
}

interface Word {
  readonly text: string;
  readonly tone: Tone | null;
  /** Columns between it and the word before, where they share a line. */
  readonly gap: number;
  readonly sticky: boolean;
}

export interface Layout {
  readonly width: number;
  readonly ascii: boolean;
  /** A piece of text as it is shown, for who has to know its length. */
  shown(text: string): string;
  /** Lines no wider than the page, broken between words; a word that is wider than the page is cut in pieces, an address on the web is not. */
  paragraph(spans: readonly (Span | Mark)[], place?: Place): string[];
  /** A command to paste: cleaned, and never broken. */
  command(text: string, indent: number): string[];
}

export function layoutOf({ color, ascii, width: columns }: Rendering): Layout {
  const width = Math.min(300, Math.max(40, columns));
  // A line break in a message is a space; any other control character is shown as what it is not.
  const inLine = (text: string) => clean(text.replaceAll(/\s/g, ' '));
  const clean = (text: string) => (ascii ? toAscii(printable(text)) : printable(text));
  const painted = ({ text, tone }: Word) => (color && tone !== null ? paint(text, tone) : text);
  return {
    width,
    ascii,
    shown: inLine,
    paragraph: (spans, { indent = 0, hanging = indent } = {}) => {
      const lines: string[] = [];
      let line = ' '.repeat(indent);
      let used = indent;
      let empty = true;
      const all = spans.flatMap((span) => words(span, inLine, width - Math.max(indent, hanging)));
      for (const [index, word] of all.entries()) {
        const next = word.sticky ? all[index + 1] : undefined;
        const needed = widthOf(word) + (next === undefined ? 0 : widthOf(next));
        // What is too wide for any line stays where it is.
        if (!empty && used + needed > width && hanging + lengthOf(word.text) <= width) {
          lines.push(line);
          line = ' '.repeat(hanging);
          used = hanging;
          empty = true;
        }
        const gap = empty ? 0 : word.gap;
        line += ' '.repeat(gap) + painted(word);
        used += gap + lengthOf(word.text);
        empty = false;
      }
      return empty ? lines : [...lines, line];
    },
    command: (text, indent) => text.split('\n').map((line) => ' '.repeat(indent) + clean(line)),
  };
}

/** Spaces before a word are kept as its gap, so that columns stay columns; a span begins where the one before ended. */
function words(span: Span | Mark, inLine: (text: string) => string, room: number): Word[] {
  const { text, tone } = typeof span === 'string' ? { text: span, tone: null } : span;
  const sticky = typeof span !== 'string' && 'sticky' in span;
  return [...inLine(text).matchAll(/( *)([^ ]+)/g)].flatMap(([, gap = '', word = '']) =>
    pieces(word, room).map((piece, index) => ({ text: piece, tone, gap: index === 0 ? gap.length : 0, sticky })),
  );
}

function widthOf({ gap, text }: Word): number {
  return gap + lengthOf(text);
}

function pieces(word: string, room: number): string[] {
  if (lengthOf(word) <= room || /^https?:/.test(word)) return [word];
  const characters = Array.from(word);
  return Array.from({ length: Math.ceil(characters.length / room) }, (_, index) =>
    characters.slice(index * room, (index + 1) * room).join(''),
  );
}

/** Columns that a text takes; wide and combining characters are rare enough here to be counted as one. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}
