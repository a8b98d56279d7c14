import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { systemError } from '../system/errors.ts';

/** The executable as it travels: packed once, into a file without a name, from which each node is sent its own piece by piece. */
export interface PackedExecutable {
  /** Unpacked. Bytes. */
  readonly size: number;
  /** As it travels. Bytes. */
  readonly length: number;
  /** The next piece from a place on; empty at the end. */
  read(from: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Quick rather than small: nodes wait for it. */
const LEVEL = 1;
/** Bytes. */
const PIECE = 256 * 1024;

/** Throws a SystemError, as where the directory for temporary files has no room. */
export async function packExecutable(file: string): Promise<PackedExecutable> {
  const packed = await nameless();
  try {
    const { size } = await stat(file);
    const chunks = { highWaterMark: PIECE };
    await pipeline(
      createReadStream(file, chunks),
      createGzip({ level: LEVEL, chunkSize: PIECE }),
      // By its number: a stream of the handle would keep it from being closed.
      createWriteStream('', { ...chunks, fd: packed.fd, autoClose: false }),
    );
    const { size: length } = await packed.stat();
    return {
      size,
      length,
      read: async (from) => {
        const piece = Buffer.allocUnsafe(Math.min(PIECE, length - from));
        return piece.subarray(0, (await packed.read(piece, 0, piece.length, from)).bytesRead);
      },
      close: () => packed.close(),
    };
  } catch (error) {
    await packed.close();
    throw systemError(error, `${file}, packed into ${tmpdir()}`);
  }
}

/** Whatever becomes of this process, the file ends with it. */
async function nameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `seaworthy.${randomBytes(6).toString('hex')}`);
  try {
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    return file;
  } catch (error) {
    throw systemError(error, path);
  }
}
