import type { UnreadWhy } from '../evidence/reading.ts';
import { SystemError } from './system.ts';

const WHY: Readonly<Record<string, UnreadWhy>> = {
  EACCES: 'denied',
  EPERM: 'denied',
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  ESRCH: 'missing',
  ENODEV: 'missing',
  ENXIO: 'missing',
  ETIMEDOUT: 'timeout',
  ABORT_ERR: 'timeout',
  ENOSYS: 'unsupported',
  EOPNOTSUPP: 'unsupported',
};

const SENTENCE: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  ESRCH: 'no such process',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
  EIO: 'input/output error',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the quota is used up',
  EROFS: 'it is on a read-only file system',
};

/** The errno name of anything that Node throws. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Any error of the operating system, with what it was about, as a SystemError. */
export function systemError(error: unknown, about: string): SystemError {
  if (error instanceof SystemError) return error;
  const code = codeOf(error);
  const said =
    (code === null ? null : SENTENCE[code]) ?? code ?? (error instanceof Error ? error.message : String(error));
  return new SystemError((code === null ? null : WHY[code]) ?? 'error', `${about}: ${said}`, code, error);
}
