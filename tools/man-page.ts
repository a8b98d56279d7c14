/** The manual page, from the tables that parse the command line. */
import { COMMANDS, EXIT_CODES } from '../src/cli/command-line/commands.ts';
import type { Command } from '../src/cli/command-line/command.ts';
import { GLOBAL_FLAGS, writtenFlag } from '../src/cli/command-line/global-flags.ts';
import { describe, usageLine } from '../src/cli/command-line/help.ts';
import { flagsOf, usageOf } from '../src/cli/command-line/parse.ts';
import { OPTIONS } from '../src/plan/options/options.ts';
import { variableName, type Option } from '../src/plan/options/option.ts';
import { formats } from '../src/report/formats/index.ts';

/** What mandoc calls a long line is longer. */
const WIDEST = 80;

/** In roff, of the macros that man(7) describes. `date` is that of the release, YYYY-MM-DD. */
export function manPage({ version, date }: { readonly version: string; readonly date: string }): string {
  const lines = [
    '.\\" Made by seaworthy from its own tables of commands and options.',
    `.TH SEAWORTHY 1 ${date} ${quoted(`seaworthy ${version}`)} "User Commands"`,
    '.SH NAME',
    ...text('seaworthy - will this machine join the Kubernetes cluster, and will pods talk once it has?'),
    '.SH SYNOPSIS',
    '.B seaworthy',
    '[COMMAND] [OPTIONS]',
    '.SH DESCRIPTION',
    ...text('Run it before kubeadm init or kubeadm join, and afterwards. Without a command it checks.'),
    '.SH COMMANDS',
    ...COMMANDS.flatMap(command),
    '.SH OPTIONS',
    ...OPTIONS.filter(({ sources }) => sources.includes('flag')).flatMap(option),
    ...GLOBAL_FLAGS.flatMap((flag) => tagged(writtenFlag(flag), flag.help)),
    '.SH OUTPUT FORMATS',
    ...Object.entries(formats).flatMap(([name, { title }]) => tagged(name, title)),
    '.SH EXIT STATUS',
    ...EXIT_CODES.flatMap((sentence) => text(sentence.replace(/^Exit codes: /, ''))),
    '.SH ENVIRONMENT',
    ...tagged('SEAWORTHY_TOKEN', 'the token that all machines of a run share'),
    ...OPTIONS.filter(({ sources }) => sources.includes('environment')).flatMap((each) =>
      tagged(variableName(each), `as --${each.name}`),
    ),
    ...tagged('NO_COLOR, FORCE_COLOR', 'no colours, and colours even off a terminal'),
    '.SH FILES',
    ...tagged('/etc/seaworthy/seaworthy.yaml', 'the configuration, where no other one is named'),
    '.SH SEE ALSO',
    ...text('kubeadm(1), and `seaworthy explain CHECK` for the page of a check'),
  ];
  return `${lines.join('\n')}\n`;
}

function command(each: Command): string[] {
  const details = each.details.filter((sentence) => !EXIT_CODES.some((known) => known === sentence));
  const options = flagsOf(each).map(({ name }) => `--${name}`);
  return [
    `.SS ${quoted(each.name)}`,
    `.B ${quoted(usageLine(each))}`,
    ...[`${each.summary}${each.summary.endsWith('?') ? '' : '.'}`, ...details].flatMap((sentence) => [
      '.PP',
      ...text(sentence),
    ]),
    ...(options.length === 0 ? [] : ['.PP', ...text(`Options: ${options.join(', ')}.`)]),
    ...each.examples.flatMap(({ line, shows }) => tagged(line, shows)),
  ];
}

function option(each: Option): string[] {
  const short = each.short === null ? '' : `-${each.short}, `;
  return tagged(`${short}${usageOf(each)}`, describe(each));
}

function tagged(tag: string, said: string): string[] {
  return ['.TP', `.B ${quoted(tag)}`, ...text(said)];
}

/** An argument of a macro. */
function quoted(words: string): string {
  return `"${escaped(words).replaceAll('"', '\\(dq')}"`;
}

/** Lines of text, which no word of it makes a request. */
function text(words: string): string[] {
  const lines: string[] = [];
  for (const word of escaped(words).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDEST) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => line.replace(/^[.']/, '\\&$&'));
}

/** A bare hyphen may be drawn as another character, which cannot be pasted. */
function escaped(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(
      /\P{ASCII}/gu,
      (character) => `\\[u${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}
