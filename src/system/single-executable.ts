import { isSea } from 'node:sea';

/**
 * The file of this program where all of it is one executable: it runs wherever it is copied to, on machines of this processor. Null where a
 * Node runs a script.
 */
export function singleExecutable(): string | null {
  return isSea() ? process.execPath : null;
}
