import { newToken } from '../../peers/token.ts';
import type { RunCommand } from '../commands.ts';
import { print } from '../print.ts';

/** What peers and coordinators share. */
export const token: RunCommand = async () => {
  await print(`${newToken()}\n`);
  return 0;
};
