import type { Rendering } from '../formats/define-format.ts';
import { prose, table } from '../markdown.ts';
import { isWorse, type Difference } from './difference.ts';
import { became, countsOf } from './text.ts';

/** GitHub Flavored Markdown: a heading, the counts, and a row for all that changed. */
export function diffMarkdown(difference: Difference, { quiet, verbose }: Rendering): string {
  const { old, new: now, findings, becameWorse } = difference;
  const shown = findings.filter((each) => (quiet ? isWorse(each) : verbose || each.change !== 'same'));
  const rows = shown.map((each) => {
    const { change, check, nodes, subject } = each;
    const word = isWorse(each) ? `**${change}**` : change;
    return [word, ...[check, nodes.join(', '), subject, became(each), each.new?.message ?? ''].map(prose)];
  });
  const parts = [
    [`## seaworthy: ${becameWorse ? 'worse' : 'not worse'}`],
    [
      `${countsOf(difference)}: from ${prose(old.startedAt)} (${old.verdict}) to ${prose(now.startedAt)} (${now.verdict}).`,
    ],
    table(['change', 'check', 'nodes', 'subject', 'was → is', 'now'], rows),
  ];
  const written = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${written.join('\n\n')}\n`;
}
