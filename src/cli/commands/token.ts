import { randomBytes } from 'node:crypto';
import type { RunCommand } from '../commands.ts';
import { print } from '../print.ts';

/** What peers and coordinators share; the prefix names its form. */
export const token: RunCommand = async () => {
  await print(`swt1.${randomBytes(32).toString('base64url')}\n`);
  return 0;
};
