import { bodyOf, noMoreThan } from './body.ts';
import { systemError } from './errors.ts';
import { SystemError } from './system.ts';

const LIMIT = 64 * 1024;

/** All of standard input, to its end. Throws a SystemError. */
export async function readStandardInput(limit = LIMIT): Promise<string> {
  const tooLong = () => new SystemError('error', `standard input: longer than ${limit} bytes`, 'EFBIG');
  try {
    return (await bodyOf(process.stdin, noMoreThan(limit, tooLong))).toString('utf8');
  } catch (error) {
    throw systemError(error, 'standard input');
  }
}
