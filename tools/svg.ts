import { Terminal, type IBufferCell } from '@xterm/headless';

/** Pixels of a character cell, and around the screen. */
const WIDTH = 8.4;
const HEIGHT = 18;
const MARGIN = 14;

/** The sixteen colours of a terminal with a dark background. */
const COLOURS = [
  '#1b1f27',
  '#ff7b72',
  '#7ee787',
  '#f2cc60',
  '#79c0ff',
  '#d2a8ff',
  '#76e3ea',
  '#d8dee6',
  '#8b949e',
  '#ffa198',
  '#a5f0b0',
  '#f8e3a1',
  '#a5d6ff',
  '#e2c5ff',
  '#b3f0f5',
  '#ffffff',
] as const;
const BACKGROUND = '#0d1117';
const TEXT = '#d8dee6';

interface Style {
  readonly colour: string;
  readonly bold: boolean;
  readonly dim: boolean;
}

/** A screen of text with escape codes as a picture, each character in its place whatever font there is. */
export async function svgOf(
  rows: readonly string[],
  { columns, title }: { readonly columns: number; readonly title: string },
): Promise<string> {
  const terminal = new Terminal({ cols: columns, rows: rows.length, allowProposedApi: true });
  await new Promise<void>((written) =>
    terminal.write(rows.map((row, index) => `\u001B[${index + 1};1H${row}`).join(''), written),
  );
  const width = (columns * WIDTH + 2 * MARGIN).toFixed(0);
  const height = rows.length * HEIGHT + 2 * MARGIN;
  const lines = rows.flatMap((_, row) => rowOf(terminal, row));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">
${lines.join('\n')}
</g>
</svg>
`;
}

/** Neighbours of one style are one piece of text; blanks are none. */
function rowOf(terminal: Terminal, row: number): string[] {
  const line = terminal.buffer.active.getLine(row);
  const pieces: { text: string; column: number; style: Style }[] = [];
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line?.getCell(column);
    const text = cell?.getChars() ?? '';
    if (cell === undefined || text.trim() === '') continue;
    const style = styleOf(cell);
    const last = pieces.at(-1);
    if (last !== undefined && last.column + last.text.length === column && isAlike(last.style, style))
      last.text += text;
    else pieces.push({ text, column, style });
  }
  return pieces.map(({ text, column, style: { colour, bold, dim } }) => {
    const x = (MARGIN + column * WIDTH).toFixed(1);
    const y = MARGIN + row * HEIGHT + 13;
    const weight = `${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.65"' : ''}`;
    return `<text x="${x}" y="${y}" textLength="${(text.length * WIDTH).toFixed(1)}" lengthAdjust="spacingAndGlyphs" fill="${colour}"${weight}>${escaped(text)}</text>`;
  });
}

function styleOf(cell: IBufferCell): Style {
  const colour = cell.isFgPalette() ? (COLOURS[cell.getFgColor()] ?? TEXT) : TEXT;
  return { colour, bold: cell.isBold() !== 0, dim: cell.isDim() !== 0 };
}

function isAlike(one: Style, other: Style): boolean {
  return one.colour === other.colour && one.bold === other.bold && one.dim === other.dim;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
