import { randomBytes } from 'node:crypto';
import * as fsp from 'node:fs/promises';
import { constants, type Stats } from 'node:fs';
import * as path from 'node:path';
import { codeOf, systemError } from './errors.ts';
import { SystemError } from './system.ts';

/** A file that the user asked for. */
export interface Destination {
  readonly path: string;
  /** Throws a SystemError. */
  write(text: string): Promise<void>;
}

/** Nobody but its owner may read it, unless it is a file that a link leads to: that has its own mode. Without it the file has the mode that it had, or that the umask gives. */
export interface DestinationOptions {
  readonly private?: boolean;
}

/** Looks whether it can be written, and touches nothing yet. Throws a SystemError. */
export async function destination(
  file: string,
  { private: secret = false }: DestinationOptions = {},
): Promise<Destination> {
  const full = path.resolve(file);
  try {
    const there = await lstatIfThere(full);
    const inPlace = there !== null && !there.isFile();
    // A link is followed by the kernel, under its rules for links that others planted; replacing what it leads to would go round them.
    const followed = there?.isSymbolicLink() === true ? await statIfThere(full) : there;
    if (followed?.isDirectory() === true) throw new SystemError('error', `${file}: it is a directory`, 'EISDIR');
    if (inPlace && followed !== null) await fsp.access(full, constants.W_OK);
    else await requireWritableDirectory(path.dirname(full), path.dirname(file));
    return {
      path: file,
      write: (text) => (inPlace ? writeInPlace(full, file, text, secret) : replace(full, file, text, secret)),
    };
  } catch (error) {
    throw systemError(error, file);
  }
}

async function requireWritableDirectory(full: string, shown: string): Promise<void> {
  if ((await statIfThere(full))?.isDirectory() !== true)
    throw new SystemError('missing', `${shown}: no such directory`, 'ENOENT');
  try {
    await fsp.access(full, constants.W_OK);
  } catch (error) {
    throw systemError(error, shown);
  }
}

/** A reader sees the old file or the whole new one. */
async function replace(full: string, shown: string, text: string, secret: boolean): Promise<void> {
  const temporary = path.join(
    path.dirname(full),
    `.${path.basename(full).slice(0, 200)}.${randomBytes(6).toString('hex')}`,
  );
  try {
    const before = await statIfThere(full);
    const file = await fsp.open(temporary, 'wx', secret ? 0o600 : 0o666);
    try {
      if (before !== null && !secret) await keepOwnership(file, before);
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await fsp.rename(temporary, full);
  } catch (error) {
    await fsp.rm(temporary, { force: true });
    throw systemError(error, shown);
  }
}

async function keepOwnership(file: fsp.FileHandle, before: Stats): Promise<void> {
  if (process.geteuid?.() === 0) await file.chown(before.uid, before.gid);
  await file.chmod(before.mode & 0o7777);
}

async function writeInPlace(full: string, shown: string, text: string, secret: boolean): Promise<void> {
  try {
    const before = await statIfThere(full);
    const pipe = before?.isFIFO() === true;
    const { O_WRONLY, O_NONBLOCK, O_CREAT, O_TRUNC } = constants;
    // Opening a pipe that nobody reads would wait for ever: held open this way first, it fails at once (ENXIO).
    const reader = pipe ? await fsp.open(full, O_WRONLY | O_NONBLOCK) : null;
    const file = await fsp.open(full, pipe ? O_WRONLY : O_WRONLY | O_CREAT | O_TRUNC, secret ? 0o600 : 0o666);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
      await reader?.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENXIO') throw new SystemError('error', `${shown}: nobody reads this pipe`, 'ENXIO', error);
    throw systemError(error, shown);
  }
}

async function lstatIfThere(full: string): Promise<Stats | null> {
  return await ifThere(fsp.lstat(full));
}

async function statIfThere(full: string): Promise<Stats | null> {
  return await ifThere(fsp.stat(full));
}

async function ifThere(looking: Promise<Stats>): Promise<Stats | null> {
  try {
    return await looking;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
