import * as fs from 'node:fs';
import { codeOf, systemError } from './errors.ts';

/** Small changes of this machine, for whoever puts back what others left behind. What is gone already needs no change. Each throws a SystemError. */

/** @param key `net/ipv4/ip_forward`. Writing a value that is there already may still have effects: it is not written. */
export function writeSysctl(key: string, value: string): void {
  const path = `/proc/sys/${key}`;
  unlessGone(path, () => {
    if (fs.readFileSync(path, 'utf8').trim() !== value) fs.writeFileSync(path, value);
  });
}

export function removeFile(path: string): void {
  unlessGone(path, () => fs.unlinkSync(path));
}

/** One that is not empty stays. */
export function removeEmptyDirectory(path: string): void {
  unlessGone(path, () => {
    try {
      fs.rmdirSync(path);
    } catch (error) {
      if (codeOf(error) !== 'ENOTEMPTY') throw error;
    }
  });
}

function unlessGone(path: string, change: () => void): void {
  try {
    change();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw systemError(error, path);
  }
}
