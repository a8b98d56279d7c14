import { PROGRAM } from '../values/program-name.ts';

/** How reports and saved facts name the program that made them. */
export const TOOL = { name: PROGRAM, version: SEAWORTHY_VERSION } as const;
