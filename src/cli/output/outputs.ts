import type { OutputTarget, Settings } from '../../plan/settings.ts';
import type { Rendering } from '../../report/formats/define-format.ts';
import type { Destination } from '../../system/write.ts';
import { allOf, print } from './print.ts';
import { isUtf8, useColor, widthOf } from './terminal.ts';
import { naming, UsageError } from '../usage-error.ts';

/** Where the report of a run goes; made before the run, so that what cannot be written is said at once. */
export interface Outputs<T> {
  /** The format of standard output, or null when nothing goes there. */
  readonly printed: string | null;
  readonly deliver: (found: T) => Promise<void>;
}

/** By name: what is found, as text with its final newline. */
type Formats<T> = Readonly<Record<string, { readonly render: (found: T, rendering: Rendering) => string }>>;

interface Opened {
  readonly format: string;
  readonly destination: Destination;
}

/** Throws a UsageError, as for a format that is not among these. */
export async function openOutputs<T>(settings: Settings, formats: Formats<T>): Promise<Outputs<T>> {
  const render = (format: string, found: T, rendering: Rendering) => rendererOf(formats, format)(found, rendering);
  for (const { format } of settings.output) rendererOf(formats, format);
  const printed = settings.output.filter(isPrinted).map(({ format }) => format);
  const opened = await Promise.all(settings.output.filter((target) => !isPrinted(target)).map(open));
  return {
    printed: printed[0] ?? null,
    deliver: async (found) => {
      const text = printed.map((format) => render(format, found, forTerminal(settings))).join('');
      await allOf([
        ...(text === '' ? [] : [print(text)]),
        ...opened.map(({ format, destination }) => destination.write(render(format, found, forFile(settings)))),
      ]);
    },
  };
}

function isPrinted({ file }: OutputTarget): boolean {
  // Opened by this name, a file that the shell redirects to would lose what it holds.
  return file === null || file === '/dev/stdout';
}

async function open({ format, file }: OutputTarget): Promise<Opened> {
  const { destination } = await import('../../system/write.ts');
  return { format, destination: await naming(`--output ${format}`, destination(file ?? '')) };
}

function rendererOf<T>(formats: Formats<T>, format: string): Formats<T>[string]['render'] {
  const known = formats[format];
  if (known !== undefined) return known.render;
  throw new UsageError(`--output ${format}: here it can be ${Object.keys(formats).join(', ')}.`);
}

function forTerminal({ color, ascii, quiet, verbose }: Settings): Rendering {
  return {
    color: useColor(color, process.stdout, process.env),
    ascii: ascii || !isUtf8(process.env),
    width: widthOf(process.stdout),
    quiet,
    verbose,
  };
}

/** A file has no colours and no width of its own. */
function forFile(settings: Settings): Rendering {
  return { ...forTerminal(settings), color: false, width: widthOf({ isTTY: false, columns: 0 }) };
}
