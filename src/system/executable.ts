import * as fs from 'node:fs';

/** e_machine of ELF headers that the processor runs, by Node's name for it: elf.h. 32-bit programs run on both. */
const MACHINES: Readonly<Record<string, readonly number[]>> = { x64: [62, 3], arm64: [183, 40] };
const ELF = Buffer.from('\x7fELF', 'latin1');
const INTERPRETERS = '/proc/sys/fs/binfmt_misc';

/**
 * Why the kernel would refuse to start a file, or null when it would not or that cannot be told. Asked before a program is run, since
 * the C library hands what the kernel refuses to a shell, which then takes the bytes of a program for a script.
 */
export function whyNoProgram(path: string): string | null {
  const start = firstBytes(path);
  if (start === null || start.subarray(0, 2).toString('latin1') === '#!') return null;
  const own = MACHINES[process.arch];
  const elf = start.length >= 20 && start.subarray(0, 4).equals(ELF);
  const refused = elf ? own !== undefined && !own.includes(start.readUInt16LE(18)) : true;
  if (!refused || hasInterpreters()) return null;
  return elf ? 'it is built for another processor' : 'it is no program';
}

function firstBytes(path: string): Buffer | null {
  try {
    const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    try {
      const start = Buffer.alloc(20);
      return start.subarray(0, fs.readSync(fd, start, 0, start.length, 0));
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    // Not readable, or not there: starting it tells more.
    return null;
  }
}

/** Emulators and other loaders that are registered make more files programs than the kernel knows by itself. */
function hasInterpreters(): boolean {
  try {
    return fs.readdirSync(INTERPRETERS).some((name) => name !== 'register' && name !== 'status');
  } catch {
    return false;
  }
}
