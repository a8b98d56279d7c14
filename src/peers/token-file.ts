import { SystemError, type System } from '../system/system.ts';
import { shellQuote } from '../values/shell.ts';
import { parseToken, TokenError } from './token.ts';

/** A token and a line end, and some space that an editor may have left. Bytes. */
const LONGEST = 1_024;
/** Read and write, for group and others. */
const SHARED = 0o066;

/** The token of a file that its owner alone can read and write. Throws a TokenError or a SystemError. */
export async function readTokenFile(system: System, path: string): Promise<Buffer> {
  const status = await system.status(path);
  if (status === null) throw new TokenError('no such file; `(umask 077 && seaworthy token > FILE)` makes one');
  if (status.kind !== 'file') throw new TokenError('it is not a regular file');
  if ((status.mode & SHARED) !== 0) {
    throw new TokenError(
      `others can read or write it, so that it keeps no secret: chmod 600 ${shellQuote(path)}, and a new token if somebody may have seen it`,
    );
  }
  return parseToken(await readShort(system, path));
}

async function readShort(system: System, path: string): Promise<string> {
  try {
    return await system.readText(path, LONGEST);
  } catch (error) {
    if (error instanceof SystemError && error.code === 'EFBIG') {
      throw new TokenError('it is longer than a token; `seaworthy token` makes one');
    }
    throw error;
  }
}
