import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { codeOf, systemError } from './errors.ts';
import * as files from './files.ts';
import { SystemError } from './system.ts';
import { writableByOthers } from './trust.ts';

/** A directory of our own for what must outlive this process; nobody else reads or writes it. Every method throws a SystemError. */
export interface PrivateDirectory {
  /** Whoever reads sees the old file or the whole new one. */
  write(name: string, text: string): Promise<void>;
  /** At most `limit` bytes; null when there is no such file. */
  readIfThere(name: string, limit: number): Promise<string | null>;
  /** Names of its files, sorted by their bytes. */
  list(): Promise<string[]>;
  /** Nothing happens when there is none. */
  remove(name: string): Promise<void>;
  /** The directory, with all that is in it. */
  removeAll(): Promise<void>;
}

/**
 * Makes it where it is not there; one that others could have put something into is refused. All of it is synchronous, as reading of what is at hand is:
 * these directories are in memory, and whoever writes waits for it anyway. Throws a SystemError.
 */
export async function privateDirectory(path: string): Promise<PrivateDirectory> {
  const looking = { status: (at: string) => files.status(at, at), readLink: (at: string) => files.readLink(at, at) };
  const writable = await writableByOthers(looking, path, process.geteuid?.() ?? 0);
  if (writable !== null) throw new SystemError('denied', `${path}: users other than root can write ${writable}`);
  make(path);
  const inside = (name: string) => `${path}/${name}`;
  return {
    write: async (name, text) => replaceNow(path, name, text),
    readIfThere: async (name, limit) => {
      try {
        return (await files.readBytes(inside(name), inside(name), limit)).toString('utf8');
      } catch (error) {
        if (error instanceof SystemError && error.why === 'missing') return null;
        throw error;
      }
    },
    // A name that starts with a dot is a file that was never finished.
    list: async () => (await files.list(path, path)).filter((name) => !name.startsWith('.')),
    remove: async (name) => removeNow(inside(name)),
    removeAll: async () => removeNow(path),
  };
}

function replaceNow(directory: string, name: string, text: string): void {
  const temporary = `${directory}/.${name.slice(0, 200)}.${randomBytes(6).toString('hex')}`;
  try {
    fs.writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
    fs.renameSync(temporary, `${directory}/${name}`);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw systemError(error, `${directory}/${name}`);
  }
}

function removeNow(path: string): void {
  try {
    fs.rmSync(path, { force: true, recursive: true });
  } catch (error) {
    throw systemError(error, path);
  }
}

/** One after the other: asked for all at once, Node tries for ever where the kernel allows none (in /proc, for one). */
function make(path: string): void {
  const parts = path.split('/').filter((part) => part !== '');
  for (const [index] of parts.entries()) {
    const at = `/${parts.slice(0, index + 1).join('/')}`;
    if (isDirectory(at)) continue;
    try {
      fs.mkdirSync(at, { mode: 0o700 });
    } catch (error) {
      // Another run may have been quicker.
      if (codeOf(error) !== 'EEXIST' || !isDirectory(at)) throw systemError(error, at);
    }
  }
}

function isDirectory(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
