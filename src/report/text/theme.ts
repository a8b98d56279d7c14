import { styleText } from 'node:util';
import type { Status } from '../../values/status.ts';

/** What a piece of text means; the only place that knows which colour that is. */
export type Tone = Status | 'strong' | 'quiet';

const STYLES: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  fail: ['red', 'bold'],
  unknown: ['magenta', 'bold'],
  warn: 'yellow',
  pass: 'green',
  skip: 'dim',
  strong: 'bold',
  quiet: 'dim',
};

/** A shape for each status, so that colour never says something alone. */
const GLYPHS: Readonly<Record<Status, string>> = { fail: '×', unknown: '?', warn: '!', pass: '✓', skip: '–' };
const ASCII_GLYPHS: Readonly<Record<Status, string>> = {
  fail: 'XX',
  unknown: '??',
  warn: '!!',
  pass: 'ok',
  skip: '--',
};

export function glyph(status: Status, ascii: boolean): string {
  return (ascii ? ASCII_GLYPHS : GLYPHS)[status];
}

/** With escape codes; whether the stream takes them is the caller's to know. */
export function paint(text: string, tone: Tone): string {
  return styleText(STYLES[tone], text, { validateStream: false });
}
