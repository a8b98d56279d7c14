import * as fs from 'node:fs';

const exit = process.exit.bind(process);
const reallyExit: unknown = Reflect.get(process, 'reallyExit');

let forbidden = false;

/** From here on code of others runs here: whoever of it calls process.exit gets this error instead, and only exitWith ends the program. */
export function forbidExit(refusal: (called: string, caller: string | null) => Error): void {
  forbidden = true;
  for (const name of ['exit', 'reallyExit']) {
    const refuse = (code: unknown) => {
      throw refusal(`process.${name}(${typeof code === 'number' ? code : ''})`, callerOf(refuse));
    };
    Reflect.set(process, name, refuse);
  }
  // What is imported by name from node:process is a copy.
  process.getBuiltinModule('node:module').syncBuiltinESMExports();
}

/** Ends the program with this code at once, whatever code of others made of process.exit and wants to do last. */
export function exitWith(code: number): never {
  if (forbidden) {
    process.removeAllListeners('exit');
    Reflect.set(process, 'reallyExit', reallyExit);
  }
  return exit(code);
}

const SHELL = '/bin/sh';

/** The process becomes a shell that ends with this code; returns where there is none, as in an image of one program. */
export function exitByShell(code: number): void {
  try {
    // An execve that fails ends Node with an error of its own.
    fs.accessSync(SHELL, fs.constants.X_OK);
    // A shell complains of a working directory that is gone.
    process.chdir('/');
    process.execve?.(SHELL, ['sh', '-c', `exit ${code}`], {});
  } catch {
    return;
  }
}

/** The file and line that called a function. */
function callerOf(called: (code: unknown) => void): string | null {
  const holder = { stack: '' };
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(holder, called);
  Error.stackTraceLimit = stackTraceLimit;
  return /\bfile:\/\/(?<place>[^\s)]+)/.exec(holder.stack)?.groups?.['place'] ?? null;
}
