import { buildPlan, type FlagValue } from '../../plan/build.ts';
import { optionOfFlag } from '../../plan/options/options.ts';
import type { Plan, Settings } from '../../plan/settings.ts';
import { liveSystem } from '../../system/live.ts';
import { readStandardInput } from '../../system/standard-input.ts';
import { holdLines } from '../output/held-lines.ts';
import type { Invocation } from './command.ts';
import { complain } from '../output/print.ts';
import { naming, UsageError } from '../usage-error.ts';

const DEFAULT_CONFIGURATION = '/etc/seaworthy/seaworthy.yaml';

/** The whole plan of a command line: its flags, the environment, and the configuration that they lead to. */
export async function readPlan({ command, flags }: Invocation): Promise<Plan> {
  const environment = process.env;
  const [configuration, told] = await Promise.all([readConfiguration(command, flags, environment), withInput(flags)]);
  const warnings: string[] = [];
  const plan = await buildPlan({ flags: told, environment, configuration, warn: (said) => warnings.push(said) });
  if (plan.settings.redact && optionOfFlag('--redact')?.commands.includes(command) === true) holdLines();
  complain(...warnings.map((said) => `seaworthy: warning: ${said}`));
  await requireMachine(plan.settings.root);
  return plan;
}

/** The file that the plan was read from, when there was one. */
export function configurationFile({ config }: Settings): string {
  return config ?? DEFAULT_CONFIGURATION;
}

/** Never from the working directory: a configuration can name plugins. */
async function readConfiguration(
  command: Invocation['command'],
  flags: readonly FlagValue[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly name: string; readonly text: string } | null> {
  const system = liveSystem();
  const flag = flags.findLast(({ flag: name }) => name === '--config')?.value;
  const said = flag ?? environment['SEAWORTHY_CONFIG'];
  if (said !== undefined && said !== '') {
    const option = flag === undefined ? 'SEAWORTHY_CONFIG' : '--config';
    return { name: said, text: await naming(option, system.readText(said)) };
  }
  // What this machine is configured for says nothing of others that are judged here by their saved facts.
  if (command === 'compare' || command === 'diff' || flags.some(({ flag }) => flag === '--facts')) return null;
  const text = await system.readTextIfThere(DEFAULT_CONFIGURATION);
  return text === null ? null : { name: DEFAULT_CONFIGURATION, text };
}

/** `--join -`: the line comes by standard input, so that its token stands in no list of processes. */
async function withInput(flags: readonly FlagValue[]): Promise<readonly FlagValue[]> {
  if (!flags.some(isFromInput)) return flags;
  const line = await readStandardInput();
  return flags.map((given) => (isFromInput(given) ? { ...given, value: line } : given));
}

function isFromInput({ flag, value }: FlagValue): boolean {
  return flag === '--join' && value === '-';
}

/** One of them is below the root of every machine, a mounted disk and a copy of what is read included. */
const OF_A_MACHINE: readonly string[] = ['etc', 'proc', 'sys', 'usr', 'var', 'run'];

/** Throws a UsageError: of a disk that is not mounted nothing could be said but that all is well. */
async function requireMachine(root: string | null): Promise<void> {
  if (root === null) return;
  const status = await liveSystem().status(root);
  if (status === null) throw new UsageError(`--root ${root}: no such directory.`);
  if (status.kind !== 'directory') throw new UsageError(`--root ${root}: it is not a directory.`);
  const names = await naming('--root', liveSystem().list(root));
  if (names.some((name) => OF_A_MACHINE.includes(name))) return;
  throw new UsageError(
    `--root ${root}: no machine is there (nothing like etc, proc or usr below it). Mount its disk there, or name the directory that its /etc is in.`,
  );
}
