import type { Finding } from '../../report/schema.ts';
import { labelsOf } from '../../report/text/labels.ts';
import { BINDINGS } from '../state/bindings/bindings.ts';
import { findingWith } from '../state/findings.ts';
import type { State, Text } from '../state/state.ts';
import { findingLines, timeOf } from './finding-lines.ts';
import { clean, layoutFor, tint, type Look } from './look.ts';
import { pageLines } from './page-lines.ts';

/** Colour does not change how many lines there are. */
const PLAIN: Look = { color: false, ascii: false };

/** What there is to read, in lines no wider than the screen. */
export function linesOf(state: State, text: Text, look: Look = PLAIN): string[] {
  const width = state.size.columns;
  switch (text.of) {
    case 'finding': {
      const finding = findingWith(state, text.key);
      if (finding === undefined) return [' It is not found any more.'];
      return [...findingLines(state, finding, width, look), ...evidenceLines(finding, width, look)];
    }
    case 'remedy':
      return remedyLines(findingWith(state, text.key), width, look);
    case 'page':
      return pageLines(state.pages[text.check] ?? '', width, look);
    case 'log':
      // What is new is on top.
      return state.results.log.toReversed().flatMap(({ at, text: line }) =>
        layoutFor(look, width).paragraph([{ text: timeOf(at), tone: 'quiet' }, `  ${line}`], {
          indent: 1,
          hanging: 15,
        }),
      );
    case 'help':
      return helpLines(width, look);
  }
}

export function titleOf(text: Text): string {
  switch (text.of) {
    case 'finding':
    case 'remedy': {
      const [check] = JSON.parse(text.key);
      return `${check} ${text.of === 'remedy' ? 'remedy' : ''}`.trim();
    }
    case 'page':
      return `${text.check} page`;
    case 'log':
    case 'help':
      return text.of;
  }
}

function remedyLines(finding: Finding | undefined, width: number, look: Look): string[] {
  if (finding?.remedy === undefined) return [' It needs no remedy any more.'];
  const { sentence, label, commands } = labelsOf(layoutFor(look, width));
  const given = finding.remedy.commands ?? [];
  return [
    ` ${tint(clean(`${finding.check}  ${finding.subject}`, look), 'strong', look)}`,
    '',
    ...sentence(finding.remedy.text),
    '',
    ...commands(given),
    ...(given.length === 0
      ? []
      : ['', ...sentence('c copies these lines, C writes them to a file; they are to be run as root.')]),
    ...(finding.nodes.length > 1 ? label('about', finding.nodes.join(', ')) : []),
  ];
}

/** What the judgement rests on, as the report has it. */
function evidenceLines({ evidence, probe }: Finding, width: number, look: Look): string[] {
  const given = { ...(evidence === undefined ? {} : { evidence }), ...(probe === undefined ? {} : { probe }) };
  if (Object.keys(given).length === 0) return [];
  const lines = JSON.stringify(given, null, 2).split('\n').slice(1, -1);
  return [
    '',
    ` ${tint('evidence', 'quiet', look)}`,
    ...lines.flatMap((line) => pieces(`  ${line}`, width - 1)).map((line) => clean(line, look)),
  ];
}

function pieces(line: string, width: number): string[] {
  const characters = Array.from(line);
  return Array.from({ length: Math.max(1, Math.ceil(characters.length / width)) }, (_, index) =>
    characters.slice(index * width, (index + 1) * width).join(''),
  );
}

function helpLines(width: number, look: Look): string[] {
  const layout = layoutFor(look, width);
  const keys = BINDINGS.flatMap(({ help }) => {
    if (help === '') return [];
    const [name = '', ...rest] = help.split(': ');
    return layout.paragraph(
      [{ text: name, tone: 'strong' }, `${' '.repeat(Math.max(2, 14 - name.length))}${rest.join(': ')}`],
      { indent: 1, hanging: 15 },
    );
  });
  const sentences = [
    'Statuses: pass, warn, fail; unknown applies, but could not be decided; skip does not apply, or was not asked for.',
    'While a run goes on, what was known before stays on the screen until there is something new.',
    'Copying needs a terminal that takes OSC 52; in tmux `set -g set-clipboard on`. C writes a file everywhere.',
    'For a screen reader, a script or a file: `seaworthy check`, whose text and exit codes are the same.',
  ];
  return [...keys, '', ...sentences.flatMap((each) => layout.paragraph([each], { indent: 1 }))];
}
