import type { Command, RunCommand } from './command-line/command.ts';
import { PlanError } from '../plan/errors.ts';
import { BROKEN } from './exit-code.ts';
import { INTERNAL } from './internal.ts';
import { leave } from './leave.ts';
import { parse } from './command-line/parse.ts';
import { withholdToken } from './peers/peer-token.ts';
import { holdLines } from './output/held-lines.ts';
import { complain, print, watchStandardOutput } from './output/print.ts';
import { isInteractive, isUtf8, widthOf } from './output/terminal.ts';

/** Words in, exit code out. */
export async function main(argv: readonly string[]): Promise<never> {
  // Nobody is shown a stack, and each of the many files that are not there would take one.
  Error.stackTraceLimit = 0;
  withholdToken();
  watchStandardOutput();
  if (argv.includes('--redact')) holdLines();
  endWithLauncher();
  process.on('uncaughtException', (error) => void leave(explain(error)));
  // Node would end with 0, as if all had been found well.
  process.once('beforeExit', () => void leave(explain(new Error('it waits for something that will not come'))));
  let code: number;
  try {
    code = await obey(argv);
  } catch (error) {
    code = explain(error);
  }
  return leave(code);
}

async function obey(argv: readonly string[]): Promise<number> {
  const [name = '', ...rest] = argv;
  if (Object.hasOwn(INTERNAL, name)) return INTERNAL[name]?.(rest) ?? BROKEN;
  const line = parse(argv);
  if (line.kind === 'run') {
    const interactive = !line.named && isInteractive(process.stdin, process.stdout, process.env);
    return (await (interactive ? loadInterface() : line.command.load()))(line.invocation);
  }
  if (line.kind === 'version') await print(`seaworthy ${SEAWORTHY_VERSION}\n`);
  else if (line.kind === 'licenses') await print((await import('./command-line/licenses.ts')).licenses);
  else await help(line.command);
  return 0;
}

async function loadInterface(): Promise<RunCommand> {
  return (await import('./commands/interface.ts')).openInterface;
}

async function help(command: Command | null): Promise<void> {
  const { commandHelp, programHelp } = await import('./command-line/help.ts');
  const width = widthOf(process.stdout);
  const text = command === null ? programHelp(width) : commandHelp(command, width);
  await print(isUtf8(process.env) ? text : text.replaceAll('…', '...'));
}

/** Errors that say what the user can do about them; by name, since most of their modules are loaded only where they are needed. */
const EXPECTED = new Set(['UsageError', 'PlanError', 'EvidenceError', 'PluginError', 'SystemError']);

/** One to a few lines for whoever called; never a stack. */
function explain(error: unknown): number {
  if (error instanceof Error && EXPECTED.has(error.name)) {
    const allowed = error instanceof PlanError && error.allowed !== null ? error.allowed : '';
    complain(`seaworthy: ${error.message}`, ...(error.message.includes(allowed) ? [] : [`Allowed: ${allowed}`]));
  } else {
    const said = error instanceof Error ? error.message : String(error);
    complain(
      `seaworthy itself broke: ${said}`,
      'This is a bug: please report it, with the command line that you used.',
    );
  }
  return BROKEN;
}

/** The launcher of an old Node holds a channel to us: when it is killed nobody waits for the answer. */
function endWithLauncher(): void {
  if (process.channel === undefined || process.channel === null) return;
  process.on('disconnect', () => void leave(BROKEN));
  process.channel.unref();
}
