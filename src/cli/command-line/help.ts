import { DEFAULTS } from '../../plan/defaults.ts';
import { flagName, type Option } from '../../plan/options/option.ts';
import { COMMANDS } from './commands.ts';
import type { Command } from './command.ts';
import { GLOBAL_FLAGS, writtenFlag, type GlobalFlag } from './global-flags.ts';
import { flagsOf, usageOf } from './parse.ts';

const WIDEST = 100;
const GAP = 2;
/** Longer names of options have a line of their own. */
const WIDEST_LEFT = 30;

/** Help of the program: what there is. */
export function programHelp(width: number): string {
  return page([
    ...paragraph(
      'seaworthy: will this machine join the Kubernetes cluster, and will pods talk once it has? Run it before kubeadm init or join, and afterwards.',
      width,
    ),
    '',
    'Usage: seaworthy [COMMAND] [OPTIONS]',
    '',
    'Commands:',
    ...columns(
      COMMANDS.map(({ name, summary }) => [name, summary]),
      width,
    ),
    '',
    ...paragraph(
      'Without a command it opens its terminal interface, or checks where there is no terminal. `seaworthy COMMAND --help` lists what each takes.',
      width,
    ),
    ...columns(GLOBAL_FLAGS.map(globalRow), width),
  ]);
}

/** Help of one command, from the same tables that parse it. */
export function commandHelp(command: Command, width: number): string {
  return page([
    ...paragraph(`seaworthy ${command.name}: ${command.summary}`, width),
    '',
    `Usage: ${usageLine(command)}`,
    ...command.details.flatMap((text) => ['', ...paragraph(text, width)]),
    '',
    'Options:',
    ...columns([...flagsOf(command).map((option) => row(option)), ...GLOBAL_FLAGS.map(globalRow)], width),
    '',
    'Examples:',
    ...command.examples.flatMap(({ line, shows }) => [`  ${line}`, ...wrap(shows, width, 6)]),
  ]);
}

function globalRow(flag: GlobalFlag): readonly [string, string] {
  return [`${flag.short === null ? '    ' : ''}${writtenFlag(flag)}`, flag.help];
}

/** `seaworthy diff OLD NEW [OPTIONS]` */
export function usageLine(command: Command): string {
  const words = command.arguments.map(({ hint, required, repeatable, allowed }) => {
    const name = `${typeof allowed === 'string' ? hint : allowed.join('|')}${repeatable ? ' ...' : ''}`;
    return required ? name : `[${name}]`;
  });
  return ['seaworthy', command.name, ...words, '[OPTIONS]'].join(' ');
}

function row(option: Option): readonly [string, string] {
  const short = option.short === null ? '    ' : `-${option.short}, `;
  return [`${short}${usageOf(option)}`, describe(option)];
}

/** Everything of an option in a sentence: what it is, what is allowed, its default. */
export function describe({ help, allowed, alone, repeatable, write, hint }: Option): string {
  const value = hint === null ? null : write(DEFAULTS);
  const fallback = value === null || value === '' ? [] : [`default ${[value].flat().join(', ')}`];
  const notes = [
    ...(allowed === null ? [] : [allowed.join(', ')]),
    ...(alone === null ? [] : [`${alone} where none is named`]),
    ...(repeatable === false ? [] : ['repeatable']),
    ...fallback,
  ];
  return notes.length === 0 ? help : `${help} (${notes.join('; ')})`;
}

/** `--role`, with its short form; for completion. */
export function flagWords(option: Option): string[] {
  return option.short === null ? [flagName(option)] : [flagName(option), `-${option.short}`];
}

function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const left = Math.min(Math.max(...rows.map(([name]) => name.length)) + GAP + 2, WIDEST_LEFT, Math.floor(width * 0.4));
  return rows.flatMap(([name, text]) => {
    const [first = '', ...rest] = wrap(text, width, left);
    const head = `  ${name}`;
    return head.length + GAP <= left ? [head.padEnd(left) + first.trimStart(), ...rest] : [head, first, ...rest];
  });
}

function paragraph(text: string, width: number): string[] {
  return wrap(text, width, 0);
}

/** Lines of words, each indented; a word that is too long stands alone. */
function wrap(text: string, width: number, indent: number): string[] {
  const room = Math.max(20, Math.min(width, WIDEST) - indent);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => ' '.repeat(indent) + line);
}

function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
