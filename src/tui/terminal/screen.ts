/** A screen of text that is drawn anew only where it changed. */
export interface Screen {
  /** Rows, with colours, from the top; rows that are missing are empty. */
  draw(rows: readonly string[]): void;
  /** What stands there is not known any more: the next frame is drawn whole. */
  forget(): void;
}

const ESC = '\u001B[';
/** DEC mode 2026: a terminal that knows it shows nothing half drawn; others ignore it. */
const BEGIN = `${ESC}?2026h`;
const END = `${ESC}?2026l`;

/** @param write Receives each frame as one piece; nothing where nothing changed. */
export function createScreen(write: (text: string) => void, height: () => number): Screen {
  let shown: readonly string[] | null = null;
  return {
    draw: (rows) => {
      const before = shown;
      const next = Array.from({ length: height() }, (_, index) => rows[index] ?? '');
      const changed = next.flatMap((row, index) =>
        // A row that is as wide as the screen leaves the cursor on its last column, so that it is erased before it is written.
        before !== null && before[index] === row ? [] : [`${ESC}${index + 1};1H${ESC}0m${ESC}K${row}`],
      );
      shown = next;
      if (changed.length === 0) return;
      write(`${BEGIN}${before === null ? `${ESC}0m${ESC}2J` : ''}${changed.join('')}${ESC}0m${END}`);
    },
    forget: () => {
      shown = null;
    },
  };
}
