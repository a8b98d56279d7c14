import { join, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const executable = process.env['SEAWORTHY_EXE'];

/** The built program, as every test starts it: the bundle on this Node or, where SEAWORTHY_EXE names a file, that single executable. */
export const PROGRAM: readonly [program: string, ...args: string[]] =
  executable === undefined ? [process.execPath, join(ROOT, 'dist/main.js')] : [resolve(ROOT, executable)];
