import { SystemError, type FileStatus, type System } from './system.ts';

const MAX_LINKS = 40;

/**
 * The first thing on the way to a file, or the file itself, that somebody other than root and `uid` could replace; null when
 * there is none. Each directory and each link on the way is looked at.
 */
export async function writableByOthers(
  system: Pick<System, 'status' | 'readLink'>,
  path: string,
  uid: number,
): Promise<string | null> {
  let done = '';
  let todo = path.split('/').filter((part) => part !== '');
  for (let links = 0; ;) {
    const status = await system.status(done === '' ? '/' : done);
    if (status !== null && isWritableByOthers(status, uid)) return done === '' ? '/' : done;
    const [part, ...rest] = todo;
    if (part === undefined) return null;
    if (part === '.') {
      todo = rest;
      continue;
    }
    if (part === '..') {
      [done, todo] = [done.slice(0, Math.max(0, done.lastIndexOf('/'))), rest];
      continue;
    }
    const target = await linkTarget(system, `${done}/${part}`);
    if (target === null) {
      [done, todo] = [`${done}/${part}`, rest];
      continue;
    }
    if (++links > MAX_LINKS) return path;
    if (target.startsWith('/')) done = '';
    todo = [...target.split('/').filter((piece) => piece !== ''), ...rest];
  }
}

/** In a directory with the sticky bit nobody can replace what is not his; group 0 is root's own. */
export function isWritableByOthers({ kind, mode, uid: owner, gid }: FileStatus, uid: number): boolean {
  if (owner !== 0 && owner !== uid) return true;
  if (kind === 'directory' && (mode & 0o1000) !== 0) return false;
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0);
}

async function linkTarget(system: Pick<System, 'readLink'>, path: string): Promise<string | null> {
  try {
    return await system.readLink(path);
  } catch (error) {
    if (error instanceof SystemError && (error.code === 'EINVAL' || error.why === 'missing')) return null;
    throw error;
  }
}
