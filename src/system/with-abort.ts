import { systemError } from './errors.ts';
import { SystemError } from './system.ts';

/** Settles with the promise or, when the signal aborts first, rejects and releases what it used. */
export async function withAbort<T>(
  signal: AbortSignal,
  about: string,
  release: () => void,
  work: Promise<T>,
): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new SystemError('timeout', `${about}: no answer in time`, 'ETIMEDOUT'));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    throw systemError(error, about);
  } finally {
    signal.removeEventListener('abort', onAbort);
    release();
  }
}
