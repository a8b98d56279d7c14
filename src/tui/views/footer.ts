import { lengthOf } from '../../report/text/layout.ts';
import { BINDINGS } from '../state/bindings/bindings.ts';
import type { Prompt, State } from '../state/state.ts';
import { clean, cut, tint, type Look } from './look.ts';

export const FOOTER_ROWS = 2;

/** What is valid now; or what is being asked, or was just done. */
export function footer(state: State, look: Look): string[] {
  const width = state.size.columns - 2;
  const { prompt, notice } = state;
  const lines = prompt === null ? keyLines(state, width, look) : promptLines(state, prompt, width, look);
  // The form has room to say it in full.
  if (notice === null || prompt?.kind === 'peer') return pad(lines);
  const told = tint(cut(clean(notice.text, look), width, look), notice.wrong ? 'fail' : 'strong', look);
  return pad([` ${told}`, lines.at(prompt === null ? -1 : 0) ?? '']);
}

function pad(lines: readonly string[]): string[] {
  return Array.from({ length: FOOTER_ROWS }, (_, index) => lines[index] ?? '');
}

const ASCII_KEYS: Readonly<Record<string, string>> = { '↑↓': 'up/down', '←→': 'left/right', '⏎': 'Enter' };

/** As many as there is room for; help and quit always. */
function keyLines(state: State, width: number, look: Look): string[] {
  const items = BINDINGS.filter(({ quiet, valid, words }) => quiet !== true && words !== '' && valid(state)).map(
    ({ shown, words }) => ({ keys: look.ascii ? (ASCII_KEYS[shown] ?? shown) : shown, words }),
  );
  const lengthOfItem = ({ keys, words }: { keys: string; words: string }) => lengthOf(`${keys} ${words}`) + 2;
  const last = items.filter(({ keys }) => keys === '?' || keys === 'q');
  const others = items.filter((item) => !last.includes(item));
  const kept = last.reduce((sum, item) => sum + lengthOfItem(item), 0);
  const rows: (typeof items)[] = [[]];
  let used = 0;
  for (const item of others) {
    const room = rows.length === FOOTER_ROWS ? width - kept : width;
    if (used + lengthOfItem(item) > room) {
      if (rows.length === FOOTER_ROWS) continue;
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(item);
    used += lengthOfItem(item);
  }
  if (rows.length < FOOTER_ROWS && used + kept > width) rows.push([]);
  rows.at(-1)?.push(...last);
  return rows.map((row) => ` ${row.map(({ keys, words }) => `${tint(keys, 'strong', look)} ${words}`).join('  ')}`);
}

function promptLines(state: State, prompt: Prompt, width: number, look: Look): string[] {
  const cursor = look.ascii ? '_' : '█';
  /** The end of a long line is what is being written. */
  const line = (label: string, text: string) => {
    const room = width - lengthOf(label) - 2;
    const shown = clean(text, look);
    return ` ${tint(label, 'strong', look)} ${Array.from(shown).slice(-room).join('')}${cursor}`;
  };
  switch (prompt.kind) {
    case 'filter':
      return [line('filter:', state.filter), ' Enter keeps it   Esc ends it   Ctrl-U empties it'];
    case 'save':
      return [
        line(`write the ${prompt.what} to:`, prompt.path),
        ' Enter writes it   Esc does not   Ctrl-U empties the line',
      ];
    case 'confirm':
      return [
        ` ${tint(cut(`${prompt.check} may change this machine while it runs, and puts it back. Run it?`, width, look), 'warn', look)}`,
        ` ${tint('y', 'strong', look)} run it   ${tint('n', 'strong', look)} do not`,
      ];
    case 'peer':
      return [
        ` Tab next field   ${look.ascii ? 'left/right' : '←→'} role   Enter add   Ctrl-Y copy the line   Esc close`,
      ];
  }
}
