import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** The executable as it travels. */
export interface PackedExecutable {
  /** Unpacked. Bytes. */
  readonly size: number;
  readonly packed: Buffer;
}

/** Quick rather than small: nodes wait for it. */
const LEVEL = 1;

export async function packExecutable(file: string): Promise<PackedExecutable> {
  const bytes = await readFile(file);
  return { size: bytes.length, packed: await promisify(gzip)(bytes, { level: LEVEL }) };
}
