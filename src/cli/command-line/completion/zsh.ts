import type { Option } from '../../../plan/options/option.ts';
import type { Command } from '../command.ts';
import { COMMANDS } from '../commands.ts';
import { GLOBAL_FLAGS, type GlobalFlag } from '../global-flags.ts';
import { describe, flagWords } from '../help.ts';
import { flagsOf } from '../parse.ts';
import { argumentChoices, choicesOf, defaultFlags, HEAD, type Choices } from './choices.ts';

export function zsh(ids: readonly string[]): string {
  return `#compdef seaworthy
${HEAD}
_seaworthy() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C ${[...GLOBAL_FLAGS.map(zshGlobal), ...zshFlags(defaultFlags(), ids)].join(CONTINUED)} \
    '1:command:->command' '*::argument:->argument' && return
  case $state in
    command)
      local -a commands=(
${COMMANDS.map(({ name, summary }) => `        ${zshQuote(`${name}:${summary.replaceAll(':', '\\:')}`)}`).join('\n')}
      )
      _describe command commands ;;
    argument)
      case $words[1] in
${COMMANDS.map((command) => zshCommand(command, ids)).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _seaworthy ]]; then _seaworthy "$@"; else compdef _seaworthy seaworthy; fi
`;
}

function zshCommand(command: Command, ids: readonly string[]): string {
  const words = argumentChoices(command, ids);
  const argument = words === null ? [] : [zshQuote(`*:${command.arguments[0]?.hint ?? ''}:${zshAction(words)}`)];
  const all = [
    ...GLOBAL_FLAGS.filter(({ name }) => name === 'help').map(zshGlobal),
    ...zshFlags(flagsOf(command), ids),
  ];
  return `        ${command.name}) _arguments ${[...all, ...argument].join(CONTINUED)} ;;`;
}

const CONTINUED = ' \\\n          ';

function zshFlags(options: readonly Option[], ids: readonly string[]): string[] {
  return options.map((option) => zshFlag(option, ids));
}

function zshGlobal({ name, short, help }: GlobalFlag): string {
  const flags = short === null ? `--${name}` : `{-${short},--${name}}`;
  return `'(- *)'${flags}${zshQuote(`[${help}]`)}`;
}

function zshFlag(option: Option, ids: readonly string[]): string {
  const text = `[${describe(option).replaceAll(/[[\]:\\]/g, '\\$&')}]`;
  const colon = option.alone === null ? ':' : '::';
  const action = option.hint?.includes('=FILE') === true ? zshWordOrFile(option) : zshAction(choicesOf(option, ids));
  const value = option.hint === null ? '' : `${colon}${option.hint.replaceAll(':', '\\:')}:${action}`;
  const star = option.repeatable === false ? '' : '*';
  const equals = option.hint === null ? '' : '=';
  const specs = flagWords(option).map((flag) =>
    zshQuote(`${star}${flag}${flag.startsWith('--') ? equals : ''}${text}${value}`),
  );
  return specs.join(' ');
}

function zshAction(choices: Choices): string {
  if (choices === null) return ' ';
  return choices === 'files' ? '_files' : `(${choices.join(' ')})`;
}

/** A word, and after its equals sign a file. */
function zshWordOrFile({ allowed }: Option): string {
  return `{ if compset -P "*="; then _files; else compadd -S "" -- ${(allowed ?? []).join(' ')}; fi }`;
}

function zshQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
