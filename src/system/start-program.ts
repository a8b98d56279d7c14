import type { Readable, Writable } from 'node:stream';
import { systemError } from './errors.ts';
import { minimalEnvironment } from './live-programs.ts';

/** A program that goes on while we do something else. */
export interface StartedProgram {
  readonly pid: number;
  readonly input: Writable;
  readonly output: Readable;
  /** What it writes to descriptor 3. */
  readonly news: Readable;
  /** Settles when it is gone, however it went. */
  readonly ended: Promise<void>;
  /** The beginning of what it said on standard error. */
  complaint(): string;
}

/** Of standard error no more is kept. */
const MAX_COMPLAINT = 1000;

/**
 * Starts a program in a session of its own, so that no key of our terminal reaches it. It outlives us unless it ends with its standard input.
 * `handedDown` are descriptors of ours, which it has from 4 on. Throws a SystemError.
 */
export async function startProgram(
  path: string,
  args: readonly string[],
  handedDown: readonly number[] = [],
): Promise<StartedProgram> {
  const child = process.getBuiltinModule('node:child_process').spawn(path, args, {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', ...handedDown],
    env: minimalEnvironment(),
  });
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  const { pid, stdin, stdout, stderr } = child;
  const news: unknown = child.stdio[3];
  if (pid === undefined || stdin === null || stdout === null || stderr === null || !isReadable(news)) {
    const error = await new Promise<unknown>((failed) => child.once('error', failed));
    throw systemError(error, path);
  }
  let complaint = '';
  stderr.on('data', (text: Buffer) => {
    if (complaint.length < MAX_COMPLAINT) complaint += text.toString().slice(0, MAX_COMPLAINT);
  });
  // Whoever has ended reads no more: that it has is told by `ended`.
  for (const stream of [stdin, stdout, stderr, news]) stream.on('error', () => undefined);
  return { pid, input: stdin, output: stdout, news, ended, complaint: () => complaint.trim() };
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'readable' in stream && stream.readable === true;
}
