import type { Option } from '../../../plan/options/option.ts';
import { COMMANDS, DEFAULT_COMMAND } from '../commands.ts';
import { GLOBAL_FLAGS } from '../global-flags.ts';
import { flagsOf } from '../parse.ts';
import { argumentChoices, choicesOf, HEAD, type Choices } from './choices.ts';

export function fish(ids: readonly string[]): string {
  const names = COMMANDS.map(({ name }) => name).join(' ');
  const lines = COMMANDS.flatMap((command) => {
    const none = `not __fish_seen_subcommand_from ${names}`;
    const named = `__fish_seen_subcommand_from ${command.name}`;
    const seen = command.name === DEFAULT_COMMAND ? `${named}; or ${none}` : named;
    const words = argumentChoices(command, ids);
    return [
      `complete -c seaworthy -f -n '${none}' -a ${command.name} -d ${fishQuote(command.summary)}`,
      ...(words === null ? [] : [`complete -c seaworthy -n '${seen}' ${fishChoices(words)}`]),
      ...flagsOf(command).map((option) => fishFlag(option, seen, ids)),
    ];
  });
  const globals = GLOBAL_FLAGS.map(
    ({ name, short, help }) =>
      `complete -c seaworthy${short === null ? '' : ` -s ${short}`} -l ${name} -d ${fishQuote(help)}`,
  );
  return `${HEAD}\n${[...globals, ...lines].join('\n')}\n`;
}

function fishFlag(option: Option, seen: string, ids: readonly string[]): string {
  const short = option.short === null ? '' : ` -s ${option.short}`;
  const required = option.alone === null ? ' -r' : '';
  const takesFile = option.hint?.includes('[=FILE]') === true;
  const value =
    option.hint === null ? '' : `${required} ${fishChoices(choicesOf(option, ids), takesFile ? [FISH_FILE] : [])}`;
  return `complete -c seaworthy -n '${seen}' -l ${option.name}${short} -d ${fishQuote(option.help)}${value}`;
}

/** Files behind `json=`, which fish takes for a part of the word: with all that stands before them they are what is offered. */
const FISH_FILE =
  '(string match -rq "^(?:--[a-z-]+=|-[a-z])?(?<before>[a-z]+=)(?<path>.*)" -- (commandline -ct); and string join \\n -- $before(__fish_complete_path $path))';

/** @param more Commands of fish that offer more, each in its parentheses. */
function fishChoices(choices: Choices, more: readonly string[] = []): string {
  if (choices === 'files') return '-F';
  return choices === null ? '-f' : `-f -a ${fishQuote([...choices, ...more].join(' '))}`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
