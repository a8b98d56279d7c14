import { newToken } from '../../peers/token.ts';
import type { RunCommand } from '../command-line/command.ts';
import { print } from '../output/print.ts';

/** What peers and coordinators share. */
export const token: RunCommand = async () => {
  await print(`${newToken()}\n`);
  return 0;
};
