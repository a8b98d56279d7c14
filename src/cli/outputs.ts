import type { OutputTarget, Settings } from '../plan/settings.ts';
import { formats } from '../report/formats/index.ts';
import type { Rendering } from '../report/formats/define-format.ts';
import type { Report } from '../report/schema.ts';
import type { Destination } from '../system/write.ts';
import { allOf, print } from './print.ts';
import { isUtf8, useColor, widthOf } from './terminal.ts';
import { naming } from './usage-error.ts';

/** Where the report of a run goes; made before the run, so that what cannot be written is said at once. */
export interface Outputs {
  /** The format of standard output, or null when nothing goes there. */
  readonly printed: string | null;
  readonly deliver: (report: Report) => Promise<void>;
}

interface Opened {
  readonly format: string;
  readonly destination: Destination;
}

export async function openOutputs(settings: Settings): Promise<Outputs> {
  const printed = settings.output.filter(isPrinted).map(({ format }) => format);
  const opened = await Promise.all(settings.output.filter((target) => !isPrinted(target)).map(open));
  return {
    printed: printed[0] ?? null,
    deliver: async (report) => {
      const text = printed.map((format) => render(format, report, forTerminal(settings))).join('');
      await allOf([
        ...(text === '' ? [] : [print(text)]),
        ...opened.map(({ format, destination }) => destination.write(render(format, report, forFile(settings)))),
      ]);
    },
  };
}

function isPrinted({ file }: OutputTarget): boolean {
  // Opened by this name, a file that the shell redirects to would lose what it holds.
  return file === null || file === '/dev/stdout';
}

async function open({ format, file }: OutputTarget): Promise<Opened> {
  const { destination } = await import('../system/write.ts');
  return { format, destination: await naming(`--output ${format}`, destination(file ?? '')) };
}

function render(format: string, report: Report, rendering: Rendering): string {
  const known = formats[format];
  if (known === undefined) throw new Error(`no output format ${format}`);
  return known.render(report, rendering);
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
