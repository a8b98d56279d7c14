import { categoryOf } from '../../../engine/selection.ts';
import type { Option } from '../../../plan/options/option.ts';
import type { Command } from '../command.ts';
import { commandNamed, DEFAULT_COMMAND } from '../commands.ts';
import { flagsOf } from '../parse.ts';

/** What may follow an option or a command: these words, files, or nothing that is known. */
export type Choices = readonly string[] | 'files' | null;

export function choicesOf(option: Option, ids: readonly string[]): Choices {
  if (option.name === 'only' || option.name === 'skip') return withCategories(ids);
  if (option.allowed !== null) return option.allowed;
  return /FILE|DIR|PATH|SPEC/.test(option.hint ?? '') ? 'files' : null;
}

export function argumentChoices({ arguments: [argument] }: Command, ids: readonly string[]): Choices {
  if (argument === undefined) return null;
  return argument.allowed === 'checks' ? withCategories(ids) : argument.allowed;
}

function withCategories(ids: readonly string[]): string[] {
  return [...new Set(ids.map(categoryOf)), ...ids];
}

/** The first line of each script, behind what its shell wants there. */
export const HEAD = '# Made by seaworthy from its own tables of commands and options.';

/** Without a command it checks, so its options may stand there too. */
export function defaultFlags(): Option[] {
  const command = commandNamed(DEFAULT_COMMAND);
  return command === null ? [] : flagsOf(command);
}
