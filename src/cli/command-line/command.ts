import type { FlagValue } from '../../plan/build.ts';
import type { CommandName } from '../../plan/options/option.ts';

/** What stands after a command's name. */
export interface Argument {
  readonly hint: string;
  readonly required: boolean;
  readonly repeatable: boolean;
  /** What it can be, as far as it is known here: the ids of checks are known to the catalogue alone. */
  readonly allowed: readonly string[] | 'checks' | 'files';
}

/** A command line, split by what the tables know; nothing of it was read yet. */
export interface Invocation {
  readonly command: CommandName;
  readonly arguments: readonly string[];
  readonly flags: readonly FlagValue[];
}

/** Returns the exit code. Throws a UsageError, PlanError, EvidenceError or SystemError: one sentence, exit 3. */
export type RunCommand = (invocation: Invocation) => Promise<number>;

export interface Command {
  readonly name: CommandName;
  /** A line for the list of commands. */
  readonly summary: string;
  /** Paragraphs of its help. */
  readonly details: readonly string[];
  readonly arguments: readonly Argument[];
  readonly examples: readonly Example[];
  readonly load: () => Promise<RunCommand>;
}

interface Example {
  readonly line: string;
  readonly shows: string;
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const SCHEMAS = ['report', 'facts', 'config'] as const;
