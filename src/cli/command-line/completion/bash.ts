import { flagName, type Option } from '../../../plan/options/option.ts';
import { COMMANDS } from '../commands.ts';
import type { Command } from '../command.ts';
import { GLOBAL_FLAGS } from '../global-flags.ts';
import { flagWords } from '../help.ts';
import { flagsOf } from '../parse.ts';
import { argumentChoices, choicesOf, defaultFlags, HEAD, type Choices } from './choices.ts';

/** Without the bash-completion package too: it uses nothing but bash. */
export function bash(ids: readonly string[]): string {
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
