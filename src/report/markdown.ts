import { printable } from '../values/printable.ts';

/** What somebody put there for a ticket to be long. */
const LONGEST = 2_000;

/** Text that means nothing but itself in Markdown, and calls nobody and no other ticket: a mention ends where a comment begins. */
export function prose(text: string): string {
  return short(text)
    .replaceAll(/[\\`*_[\]<>|~&!$]/g, '\\$&')
    .replaceAll(/[@#]/g, '$&<!-- -->');
}

/** Text as it is. Not for a table: there a vertical bar ends a cell even in code, and behind a backslash nothing can stop it. */
export function code(text: string): string {
  const shown = short(text);
  if (shown.trim() === '') return '';
  const ticks = '`'.repeat(longestRun(shown) + 1);
  const pad = /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return `${ticks}${pad}${shown}${pad}${ticks}`;
}

/** Lines to paste, which no line of theirs can end. */
export function block(texts: readonly string[]): string[] {
  const lines = texts.map(printable);
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  return lines.length === 0 ? [] : ['', `${fence}sh`, ...lines, fence];
}

/** A table with its head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return rows.length === 0 ? [] : [row(head), row(head.map(() => '---')), ...rows.map(row)];
}

function short(text: string): string {
  const shown = printable(text);
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST).toWellFormed()}…` : shown;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
