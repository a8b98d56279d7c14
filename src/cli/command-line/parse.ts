import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { FlagValue } from '../../plan/build.ts';
import { OPTIONS, optionOfFlag } from '../../plan/options/options.ts';
import { flagName, type Option } from '../../plan/options/option.ts';
import { quoted } from '../../plan/errors.ts';
import { nearest } from '../../values/nearest.ts';
import { COMMANDS, commandNamed, DEFAULT_COMMAND } from './commands.ts';
import type { Argument, Command, Invocation } from './command.ts';
import { GLOBAL_FLAGS, type GlobalFlag } from './global-flags.ts';
import { suggestion, UsageError } from '../usage-error.ts';

export type CommandLine =
  | { readonly kind: 'version' }
  | { readonly kind: 'licenses' }
  /** Null: of the program. */
  | { readonly kind: 'help'; readonly command: Command | null }
  /** `named`: somebody said which command. */
  | { readonly kind: 'run'; readonly command: Command; readonly named: boolean; readonly invocation: Invocation };

/** Splits argv by the tables of commands and options. Throws a UsageError; values are not looked at. */
export function parse(argv: readonly string[]): CommandLine {
  // node:util splits the words; what is wrong is said here, with what is allowed.
  const { tokens } = parseArgs({
    args: withValues(argv),
    options: flagTypes(),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const [name, ...rest] = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const flags = tokens.filter((token) => token.kind === 'option');
  const asked = (global: GlobalFlag['name']) => flags.some((flag) => flag.name === global);
  if (asked('version')) return { kind: 'version' };
  if (asked('licenses')) return { kind: 'licenses' };
  const helpAsked = asked('help');
  if (helpAsked && name === undefined) return { kind: 'help', command: null };
  const unknown = flags.find((flag) => optionOfFlag(`--${flag.name}`) === null && !isGlobal(flag.name));
  // The value of an option that does not exist is not a command.
  if (unknown !== undefined && name !== undefined && commandNamed(name) === null)
    throw unknownFlag(requireCommand(DEFAULT_COMMAND), unknown.rawName);
  const command = requireCommand(name ?? DEFAULT_COMMAND);
  if (helpAsked) return { kind: 'help', command };
  const given = flags.map((flag) => valueOf(command, flag));
  checkArguments(command, rest);
  return {
    kind: 'run',
    command,
    named: name !== undefined,
    invocation: { command: command.name, arguments: rest, flags: given },
  };
}

/** An option that may stand alone gets what it then means, so that the word behind it is not taken for its value. */
function withValues(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((word, index) => {
    const option = end >= 0 && index > end ? null : optionOfFlag(word);
    if (option === null || option.alone === null || isMeantFor(option, argv[index + 1])) return word;
    return `${flagName(option)}=${option.alone}`;
  });
}

/** A mistyped value too: it is refused as one, and not as a command that does not exist. */
function isMeantFor({ allowed }: Option, next: string | undefined): boolean {
  return next !== undefined && !next.startsWith('-') && nearest(next, allowed ?? []) !== null;
}

function flagTypes(): NonNullable<ParseArgsConfig['options']> {
  const own = OPTIONS.filter(({ sources }) => sources.includes('flag'));
  return Object.fromEntries(
    [...own, ...GLOBAL_FLAGS.map((flag) => ({ ...flag, hint: null }))].map(({ name, short, hint }) => [
      name,
      { type: hint === null ? 'boolean' : 'string', ...(short === null ? {} : { short }) },
    ]),
  );
}

function isGlobal(name: string): boolean {
  return GLOBAL_FLAGS.some((flag) => flag.name === name);
}

function requireCommand(name: string): Command {
  const command = commandNamed(name);
  if (command !== null) return command;
  const names = COMMANDS.map((each) => each.name);
  throw new UsageError(
    `${quoted(name)} is no command of seaworthy.${suggestion(nearest(name, names))}`,
    `Commands: ${names.join(', ')}. \`seaworthy --help\` tells more.`,
  );
}

interface Flag {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function valueOf(command: Command, { name, rawName, value, inlineValue }: Flag): FlagValue {
  const option = optionOfFlag(`--${name}`);
  if (option === null) throw unknownFlag(command, rawName);
  if (!option.commands.includes(command.name)) {
    throw new UsageError(
      `\`seaworthy ${command.name}\` takes no ${flagName(option)}; it is an option of ${option.commands.join(', ')}.`,
      seeHelp(command),
    );
  }
  if (option.hint === null) {
    if (value !== undefined) throw new UsageError(`${rawName} is a switch and takes no value.`, seeHelp(command));
    // One more output beside those of -o, and not instead of them.
    return option.name === 'json' ? { flag: '--output', value: 'json' } : { flag: flagName(option), value: null };
  }
  // `--role --json` is a forgotten value, `--role=--json` is meant; a lone dash is standard input.
  if (value === undefined || (inlineValue === false && /^-./.test(value))) {
    throw new UsageError(`${rawName} needs a value: ${usageOf(option)}.`, ...allowedLine(option), seeHelp(command));
  }
  return { flag: flagName(option), value };
}

function unknownFlag(command: Command, rawName: string): UsageError {
  const names = flagsOf(command).flatMap((option) => [flagName(option)]);
  const meant = nearest(rawName, [...names, ...GLOBAL_FLAGS.map(({ name }) => `--${name}`)]);
  return new UsageError(
    `${quoted(rawName)} is no option of \`seaworthy ${command.name}\`.${suggestion(meant)}`,
    seeHelp(command),
  );
}

/** The options that a command takes on its command line, in the order of help. */
export function flagsOf(command: Command): Option[] {
  return OPTIONS.filter(({ sources, commands }) => sources.includes('flag') && commands.includes(command.name));
}

/** `--role ROLE` */
export function usageOf(option: Option): string {
  return option.hint === null ? flagName(option) : `${flagName(option)} ${option.hint}`;
}

function allowedLine({ allowed }: Option): string[] {
  return allowed === null ? [] : [`Allowed: ${allowed.join(', ')}.`];
}

function checkArguments(command: Command, values: readonly string[]): void {
  const [first] = command.arguments;
  const missing = command.arguments[values.length];
  if (missing?.required === true) {
    throw new UsageError(
      `\`seaworthy ${command.name}\` needs ${missing.hint}.`,
      ...allowedArguments(missing),
      seeHelp(command),
    );
  }
  const surplus = first?.repeatable === true ? undefined : values[command.arguments.length];
  if (surplus !== undefined) {
    throw new UsageError(`${quoted(surplus)} is too much for \`seaworthy ${command.name}\`.`, seeHelp(command));
  }
  for (const [index, value] of values.entries()) checkArgument(command.arguments[index] ?? first, value);
}

function checkArgument(argument: Argument | undefined, value: string): void {
  if (argument === undefined || typeof argument.allowed === 'string' || argument.allowed.includes(value)) return;
  throw new UsageError(
    `${quoted(value)} is no ${argument.hint}.${suggestion(nearest(value, argument.allowed))}`,
    ...allowedArguments(argument),
  );
}

function allowedArguments({ allowed }: Argument): string[] {
  if (allowed === 'checks') return ['`seaworthy list` prints the ids of all checks.'];
  return allowed === 'files' ? [] : [`Allowed: ${allowed.join(', ')}.`];
}

function seeHelp({ name }: Command): string {
  return `\`seaworthy ${name} --help\` tells more.`;
}
