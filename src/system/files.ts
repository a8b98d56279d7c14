import * as fs from 'node:fs';
import { codeOf, systemError } from './errors.ts';
import { SystemError, type DiskSpace, type FileStatus } from './system.ts';

const DEFAULT_LIMIT = 4 * 1024 * 1024;
const CHUNK = 64 * 1024;

/** Reading files of this machine by their true paths. */

/**
 * Kernel files are memory, and what the machine boots from answers at once or nothing here runs, this program included: a synchronous
 * read costs a tenth of a queued one. Everything else (/var, /opt, a mounted disk) may be on a disk that hangs, and is waited for.
 */
const AT_HAND = /^\/(?:proc|sys|etc|usr|lib|run|boot|bin|sbin)\//;

function isAtHand(path: string): boolean {
  return AT_HAND.test(path);
}

export async function readBytes(path: string, shown: string, limit = DEFAULT_LIMIT): Promise<Buffer> {
  try {
    return isAtHand(path) ? readNow(path, shown, limit) : await readLater(path, shown, limit);
  } catch (error) {
    throw systemError(error, shown);
  }
}

/** O_NONBLOCK: opening a pipe that nobody writes to must not hang. */
const FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;

/** Nothing else runs during a synchronous read, so that all of them share one buffer: kernel files are many and short. */
const scratch = Buffer.allocUnsafeSlow(CHUNK);

/** The kernel fills a page with rows of these tables, none longer than 256 bytes, before it answers. */
const SOCKET_TABLE = /^\/proc\/net\/(?:tcp|udp)6?$/;
const LESS_THAN_A_PAGE = 3072;

function readNow(path: string, shown: string, limit: number): Buffer {
  const fd = fs.openSync(path, FLAGS);
  try {
    refuseSpecial(fs.fstatSync(fd), shown);
    const chunks: Buffer[] = [];
    for (let total = 0; ;) {
      const got = fs.readSync(fd, scratch, 0, CHUNK, null);
      if (got === 0) return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
      total += got;
      refuseLong(total, limit, shown);
      chunks.push(Buffer.from(scratch.subarray(0, got)));
      // It was the whole table: asked for its end, the kernel would walk all its buckets again, for 2 ms on a large machine.
      if (total < LESS_THAN_A_PAGE && SOCKET_TABLE.test(path)) return Buffer.concat(chunks);
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** By callbacks: of the three ways to read a file without waiting for it, this costs half of what promises do. */
async function readLater(path: string, shown: string, limit: number): Promise<Buffer> {
  const fd = await called<number>((done) => fs.open(path, FLAGS, done));
  try {
    const status = await called<fs.Stats>((done) => fs.fstat(fd, done));
    refuseSpecial(status, shown);
    refuseLong(status.size, limit, shown);
    // One byte more than there should be. A file of the kernel (below --root too) says that it is empty and answers page by page, so
    // that only what is as long as it says, or no further answer, is the end. A sysctl gives what it has to the first read alone.
    const chunks: Buffer[] = [];
    for (let total = 0, room = status.size === 0 ? CHUNK : status.size + 1; ; room = CHUNK) {
      const chunk = Buffer.allocUnsafe(room);
      const got = await called<number>((done) => fs.read(fd, chunk, 0, room, null, done));
      total += got;
      refuseLong(total, limit, shown);
      chunks.push(chunk.subarray(0, got));
      const whole = got < room && total === status.size && total > 0;
      if (got === 0 || whole) return chunks.length === 1 ? chunk.subarray(0, got) : Buffer.concat(chunks);
    }
  } finally {
    fs.close(fd);
  }
}

function called<T>(call: (done: (error: Error | null, result: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error === null ? resolve(result) : reject(error)));
  });
}

function refuseSpecial(status: fs.Stats, shown: string): void {
  if (status.isDirectory()) throw new SystemError('error', `${shown}: it is a directory`, 'EISDIR');
  if (!status.isFile()) throw new SystemError('error', `${shown}: it is not a regular file`, 'ENOTSUP');
}

function refuseLong(size: number, limit: number, shown: string): void {
  if (size > limit) throw new SystemError('error', `${shown}: longer than ${limit} bytes`, 'EFBIG');
}

const BEYOND = /[\ud800-\uffff]/;

/** Byte order, as readdir(3) followed by a C-locale sort gives it: the order that CNI runtimes go by. */
function byBytes(a: string, b: string): number {
  // The order of UTF-16 units is that of the bytes but beyond the basic plane.
  if (!BEYOND.test(a) && !BEYOND.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export async function list(path: string, shown: string): Promise<string[]> {
  try {
    const names = isAtHand(path) ? fs.readdirSync(path) : await called<string[]>((done) => fs.readdir(path, done));
    return names.sort(byBytes);
  } catch (error) {
    throw systemError(error, shown);
  }
}

export async function status(path: string, shown: string): Promise<FileStatus | null> {
  try {
    const found = isAtHand(path) ? fs.statSync(path) : await called<fs.Stats>((done) => fs.stat(path, done));
    return {
      kind: kindOf(found),
      size: found.size,
      mode: found.mode & 0o7777,
      uid: found.uid,
      gid: found.gid,
      inode: found.ino,
      modifiedMs: found.mtimeMs,
    };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw systemError(error, shown);
  }
}

/** A regular file that this process may run. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    if (isAtHand(path)) {
      // Most are not there, and an exception for each would cost more than the question.
      if (!fs.existsSync(path)) return false;
      fs.accessSync(path, fs.constants.X_OK);
      return fs.statSync(path).isFile();
    }
    await called((done) => fs.access(path, fs.constants.X_OK, (error) => done(error, null)));
    return (await called<fs.Stats>((done) => fs.stat(path, done))).isFile();
  } catch {
    return false;
  }
}

function kindOf(found: fs.Stats): FileStatus['kind'] {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'directory';
  if (found.isSocket()) return 'socket';
  return found.isFIFO() ? 'fifo' : 'device';
}

/** PROC_SUPER_MAGIC: include/uapi/linux/magic.h */
const PROC = 0x9fa0;

/** Whether a directory is a /proc of the kernel that runs here, and no copy of one. */
export async function isKernelsProc(path: string): Promise<boolean> {
  try {
    return (await called<fs.StatsFs>((done) => fs.statfs(path, done))).type === PROC;
  } catch {
    return false;
  }
}

export async function readLink(path: string, shown: string): Promise<string> {
  try {
    return isAtHand(path) ? fs.readlinkSync(path) : await called<string>((done) => fs.readlink(path, done));
  } catch (error) {
    throw systemError(error, shown);
  }
}

export async function realPath(path: string, shown: string): Promise<string> {
  try {
    return await called<string>((done) => fs.realpath.native(path, done));
  } catch (error) {
    throw systemError(error, shown);
  }
}

export async function diskSpace(path: string, shown: string): Promise<DiskSpace> {
  try {
    const { bsize, blocks, bavail, files, ffree } = await called<fs.StatsFs>((done) => fs.statfs(path, done));
    return { total: blocks * bsize, available: bavail * bsize, inodes: files, inodesFree: ffree };
  } catch (error) {
    throw systemError(error, shown);
  }
}
