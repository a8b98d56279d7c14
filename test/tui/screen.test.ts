import { Terminal } from '@xterm/headless';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createScreen } from '../../src/tui/terminal/screen.ts';

const COLUMNS = 10;
const ROWS = 4;

async function shown(terminal: Terminal): Promise<string[]> {
  await new Promise<void>((written) => terminal.write('', written));
  return Array.from({ length: ROWS }, (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? '');
}

const row = fc.oneof(
  fc.constant(''),
  fc.string({ unit: fc.constantFrom('a', 'b', '─'), maxLength: COLUMNS }),
  fc.constant('0123456789'),
  fc
    .string({ unit: fc.constantFrom('x', 'y'), minLength: 1, maxLength: 5 })
    .map((text) => `\u001B[31m${text}\u001B[39m`),
);

test('however one frame follows another, the terminal shows the last one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(row, { maxLength: ROWS }), { minLength: 1, maxLength: 6 }), async (frames) => {
      const terminal = new Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
      const screen = createScreen(
        (text) => terminal.write(text),
        () => ROWS,
      );
      for (const frame of frames) screen.draw(frame);
      const last = frames.at(-1) ?? [];
      // oxlint-disable-next-line no-control-regex
      const plain = Array.from({ length: ROWS }, (_, index) => (last[index] ?? '').replaceAll(/\u001B\[\d+m/g, ''));
      expect((await shown(terminal)).map((line) => line.trimEnd())).toEqual(plain.map((line) => line.trimEnd()));
      terminal.dispose();
    }),
    { numRuns: 200 },
  );
});

test('only what changed is written, and nothing when nothing did', () => {
  const written: string[] = [];
  const screen = createScreen(
    (text) => written.push(text),
    () => ROWS,
  );
  screen.draw(['one', 'two']);
  screen.draw(['one', 'two']);
  expect(written).toHaveLength(1);
  screen.draw(['one', 'three']);
  expect(written[1]).toContain('three');
  expect(written[1]).not.toContain('one');
  screen.forget();
  screen.draw(['one', 'three']);
  expect(written[2]).toContain('one');
});
