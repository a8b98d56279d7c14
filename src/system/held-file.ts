import * as fs from 'node:fs';
import { systemError } from './errors.ts';

/** A file that stays what it is for as long as it is held, whatever becomes of its path: a namespace lives on without a process. */
export interface HeldFile {
  readonly descriptor: number;
  /** A path to it for other processes, while this one lives. */
  readonly path: string;
  /** As readlink says: `net:[4026532392]`, or the path to which it is bound. */
  readonly identity: string;
  /** Of a namespace the number in its link, wherever it is bound. */
  readonly inode: number;
  close(): void;
}

/** Throws a SystemError. */
export function holdFile(path: string): HeldFile {
  try {
    const descriptor = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    return held(descriptor, fs.readlinkSync(`/proc/self/fd/${descriptor}`));
  } catch (error) {
    throw systemError(error, path);
  }
}

/** The same of a file that whoever started this process held, and handed down; null when it was not. */
export function handedDown(identity: string): HeldFile | null {
  const found = fs.readdirSync('/proc/self/fd').find((name) => linkOf(`/proc/self/fd/${name}`) === identity);
  return found === undefined ? null : held(Number(found), identity);
}

function held(descriptor: number, identity: string): HeldFile {
  const path = `/proc/${process.pid}/fd/${descriptor}`;
  const { ino: inode } = fs.fstatSync(descriptor);
  return { descriptor, path, identity, inode, close: () => fs.closeSync(descriptor) };
}

function linkOf(path: string): string | null {
  try {
    return fs.readlinkSync(path);
  } catch {
    // It was the one that the directory was read by.
    return null;
  }
}
