import type { SHELLS } from '../command.ts';
import { bash } from './bash.ts';
import { fish } from './fish.ts';
import { zsh } from './zsh.ts';

type Shell = (typeof SHELLS)[number];

/** A completion script from the tables that parse the command line. @param ids Of all checks. */
export function completionScript(shell: Shell, ids: readonly string[]): string {
  return { bash, zsh, fish }[shell](ids);
}
