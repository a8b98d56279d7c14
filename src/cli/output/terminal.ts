type Environment = Readonly<Record<string, string | undefined>>;
/** `isTTY` is undefined on a file or a pipe. */
interface Stream {
  readonly isTTY: boolean | undefined;
  readonly columns: number | undefined;
}

/** Where there is no terminal to ask. */
const COLUMNS = 80;

export function widthOf({ isTTY, columns }: Stream): number {
  return isTTY === true && columns !== undefined && columns > 0 ? columns : COLUMNS;
}

/** A terminal on which text can be rewritten and coloured. */
export function isCapable({ isTTY }: Stream, { TERM }: Environment): boolean {
  return isTTY === true && TERM !== 'dumb';
}

/** The smallest terminal on which the interface is of use. */
const SMALLEST = { columns: 60, rows: 15 } as const;

/** Somebody sits at both ends, on a terminal that is good enough, and no machine that builds things. */
export function isInteractive(
  stdin: { readonly isTTY: boolean | undefined },
  stdout: Stream & { readonly rows: number | undefined },
  environment: Environment,
): boolean {
  const { CI = '', TERM = '' } = environment;
  const { columns = 0, rows = 0 } = stdout;
  return (
    stdin.isTTY === true &&
    isCapable(stdout, environment) &&
    TERM !== '' &&
    (CI === '' || CI === 'false') &&
    columns >= SMALLEST.columns &&
    rows >= SMALLEST.rows
  );
}

/** `--no-color`, then NO_COLOR (no-color.org), FORCE_COLOR (force-color.org), then what the stream is. */
export function useColor(said: boolean | null, stream: Stream, environment: Environment): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no } = environment;
  if (said === false) return false;
  if (no !== undefined && no !== '') return false;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isCapable(stream, environment);
}

/** Whether the locale's characters are those of UTF-8; the first variable that is set decides, as setlocale(3) has it. */
export function isUtf8({ LC_ALL, LC_CTYPE, LANG }: Environment): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== '') ?? '';
  return /utf-?8/i.test(locale);
}
