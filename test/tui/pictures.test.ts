import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { selectedFinding } from '../../src/tui/state/findings.ts';
import type { State } from '../../src/tui/state/state.ts';
import { svgOf } from '../../tools/svg.ts';
import { frame, opened, press, replayed } from './given.ts';
import { recording } from './recordings.ts';

/** The pictures of the README are drawn here, by the views themselves from a recorded run: `npm run goldens` draws them anew. */
const DOCS = join(import.meta.dirname, '../../docs');
const SIZE = { columns: 110, rows: 34 };

/** From fault to fault until the one about this is selected. */
function onto(state: State, check: string): State {
  for (let at = state, left = 50; left > 0; at = press(at, 'n'), left--)
    if (selectedFinding(at)?.check === check) return at;
  throw new Error(`${check} has no fault`);
}

const between = () => replayed(opened(SIZE), recording('between-nodes'));

test.for([
  [
    'overview',
    'The overview: what fails on a control plane and towards its peers',
    () => onto(between(), 'ports/reachable'),
  ],
  ['matrix', 'The matrix: who reaches whom, and a hole in the NodePort range', () => press(between(), 'm')],
] as const)('docs/%s.svg is what the program shows', async ([name, title, state]) => {
  const drawn = await svgOf(frame(state(), { color: true, ascii: false }), { columns: SIZE.columns, title });
  const file = join(DOCS, `${name}.svg`);
  if (process.env['SEAWORTHY_GOLDENS'] === 'write') writeFileSync(file, drawn);
  expect(readFileSync(file, 'utf8')).toBe(drawn);
});
