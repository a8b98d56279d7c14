import { flagName, type Option } from '../../plan/options/option.ts';
import { COMMANDS, commandNamed, DEFAULT_COMMAND, type Command, type SHELLS } from './commands.ts';
import { GLOBAL_FLAGS, type GlobalFlag } from './global-flags.ts';
import { describe, flagWords } from './help.ts';
import { flagsOf } from './parse.ts';
import { categoryOf } from '../../engine/selection.ts';

type Shell = (typeof SHELLS)[number];

/** What may follow an option or a command: these words, files, or nothing that is known. */
type Choices = readonly string[] | 'files' | null;

/** A completion script from the tables that parse the command line. */
export function completionScript(shell: Shell, ids: readonly string[]): string {
  return { bash, zsh, fish }[shell](ids);
}

function choicesOf(option: Option, ids: readonly string[]): Choices {
  if (option.name === 'only' || option.name === 'skip') return [...new Set(ids.map(categoryOf)), ...ids];
  if (option.allowed !== null) return option.allowed;
  return /FILE|DIR|PATH|SPEC/.test(option.hint ?? '') ? 'files' : null;
}

function argumentChoices({ arguments: [argument] }: Command, ids: readonly string[]): Choices {
  if (argument === undefined) return null;
  return argument.allowed === 'checks' ? ids : argument.allowed;
}

const HEAD = '# Made by seaworthy from its own tables of commands and options.';

/** Without the bash-completion package too: it uses nothing but bash. */
function bash(ids: readonly string[]): string {
  const values = new Map<string, string>();
  for (const option of COMMANDS.flatMap(flagsOf)) {
    if (option.hint === null) continue;
    const reply = `${bashReply(choicesOf(option, ids))}; return`;
    values.set(flagWords(option).join('|'), option.alone === null ? reply : `[[ $word == -* ]] || { ${reply}; }`);
  }
  return `${HEAD}
_seaworthy() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command= each
  # bash splits --role=worker and json=FILE at the equals sign.
  [[ $word == = ]] && word= || { [[ $previous == = ]] && previous=\${COMP_WORDS[COMP_CWORD-2]}; }
  if [[ \${COMP_WORDS[*]:COMP_CWORD-1:2} == *=* && $previous != -* ]]; then ${bashReply('files')}; return; fi
  for each in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $each in
      ${COMMANDS.map(({ name }) => name).join('|')}) command=$each; break ;;
    esac
  done
  COMPREPLY=()
  case $previous in
${[...values].map(([flags, reply]) => `    ${flags}) ${reply} ;;`).join('\n')}
  esac
  case $command in
${COMMANDS.map((command) => bashCommand(command, ids)).join('\n')}
    *) ${bashReply([...COMMANDS.map(({ name }) => name), ...wordsOf(defaultFlags()), ...GLOBAL_FLAGS.map(({ name }) => `--${name}`)])} ;;
  esac
}
complete -F _seaworthy seaworthy
`;
}

function bashCommand(command: Command, ids: readonly string[]): string {
  const flags = bashReply([...wordsOf(flagsOf(command)), '--help']);
  const words = argumentChoices(command, ids);
  const argument = words === null ? flags : bashReply(words);
  return `    ${command.name}) if [[ $word == -* ]]; then ${flags}; else ${argument}; fi ;;`;
}

function bashReply(choices: Choices): string {
  if (choices === null) return ':';
  return choices === 'files'
    ? 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word")'
    : `mapfile -t COMPREPLY < <(compgen -W '${choices.join(' ')}' -- "$word")`;
}

function wordsOf(options: readonly Option[]): string[] {
  return options.map(flagName);
}

/** Without a command it checks, so its options may stand there too. */
function defaultFlags(): Option[] {
  const command = commandNamed(DEFAULT_COMMAND);
  return command === null ? [] : flagsOf(command);
}

function zsh(ids: readonly string[]): string {
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

function fish(ids: readonly string[]): string {
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
