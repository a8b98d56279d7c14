import { systemError } from './errors.ts';
import { SystemError } from './system.ts';

const LIMIT = 64 * 1024;

/** All of standard input, to its end. Throws a SystemError. */
export async function readStandardInput(limit = LIMIT): Promise<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    for await (const chunk of process.stdin) {
      const bytes = Buffer.from(chunk);
      total += bytes.length;
      if (total > limit) throw new SystemError('error', `standard input: longer than ${limit} bytes`, 'EFBIG');
      chunks.push(bytes);
    }
  } catch (error) {
    throw systemError(error, 'standard input');
  }
  return Buffer.concat(chunks).toString('utf8');
}
