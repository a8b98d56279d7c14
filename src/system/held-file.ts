import * as fs from 'node:fs';
import { systemError } from './errors.ts';
import type { HeldFile } from './system.ts';

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
