import * as path from 'node:path';
import * as z from 'zod';
import { orNull } from '../../facts/parts/process-names.ts';
import { SystemError, type System } from '../../system/system.ts';
import { writableByOthers } from '../../system/trust.ts';
import { parseDuration } from '../../values/duration.ts';
import { shellQuote } from '../../values/shell.ts';
import { observation, type Judged, type Observation } from './observation.ts';
import type { ProgramCall } from './rules-schema.ts';

/** As node-problem-detector cuts what its custom plugins say: max_output_length of pkg/custompluginmonitor/types/config.go. */
const LONGEST_MESSAGE = 80;
/** Its default `timeout`, in milliseconds. */
const TIMEOUT = 5_000;
const OUTPUT_LIMIT = 4_096;

/**
 * A program in the protocol of node-problem-detector's custom plugins: exit code 0 is good, 1 is not, any other is unknown; the first line of its
 * standard output is the message. https://github.com/kubernetes/node-problem-detector/blob/master/docs/custom_plugin_monitor.md
 * `attempt` is how long a fact may take unless it asks for more, in milliseconds.
 */
export function observeProgram({ argv, timeout, outputLimit }: ProgramCall, attempt: number): Observation {
  const [program = '', ...args] = argv;
  const limit = parseDuration(timeout ?? '') ?? TIMEOUT;
  const call = argv.map(shellQuote).join(' ');
  const schema = () =>
    z.object({
      program: z.literal(call).describe('as a shell would be told'),
      exitCode: z.int().nullable().describe('null when a signal ended it'),
      message: z.string().describe('the first line of its standard output'),
    });
  return observation({
    subject: call,
    expected: 'exit code 0',
    mayBeUndecided: true,
    title: `what ${program} says`,
    schema,
    // Its own end comes first, and says more.
    attempts: Math.ceil((limit + 200) / attempt),
    read: async (system, { signal }) => {
      if (!system.native) throw new SystemError('unsupported', `${program}: programs of a directory are not run`);
      await requireTrusted(system, argv);
      const { exitCode, stdout } = await system.programs.run(program, args, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(limit)]),
        limit: outputLimit ?? OUTPUT_LIMIT,
      });
      return { program: call, exitCode, message: firstLine(stdout) };
    },
    judge: ({ exitCode, message }) => ({
      outcome: OUTCOMES[exitCode ?? -1] ?? 'undecided',
      actual: exitCode === null ? 'ended by a signal' : `exit code ${exitCode}`,
      ...(message === '' ? {} : { said: message }),
    }),
  });
}

const OUTCOMES: Readonly<Record<number, Judged['outcome']>> = { 0: 'pass', 1: 'fail' };

/** Whoever can write the program, or a script that it is handed, would have his own run as the user of this one. */
async function requireTrusted(system: System, argv: readonly string[]): Promise<void> {
  for (const [index, word] of argv.entries()) {
    // It is started in the root directory.
    const file = path.posix.resolve('/', word);
    // Text that is no name of a file, or of none that this user sees, is no script.
    if (index > 0 && (await orNull(system.status(file)))?.kind !== 'file') continue;
    const writable = await writableByOthers(system, file, process.geteuid?.() ?? 0);
    if (writable !== null)
      throw new SystemError('denied', `${argv[0] ?? ''}: not run, users other than root can write ${writable}`);
  }
}

function firstLine(text: string): string {
  const [line = ''] = text.trimStart().split('\n', 1);
  return Array.from(line.trimEnd()).slice(0, LONGEST_MESSAGE).join('');
}
