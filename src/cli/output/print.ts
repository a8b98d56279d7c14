import { codeOf, systemError } from '../../system/errors.ts';
import { stopWatching } from '../../system/watchdog.ts';
import { printable } from '../../values/printable.ts';
import { withoutTokens } from '../../values/tokens.ts';
import { letGo, unlessHeld } from './held-lines.ts';

/** Standard output, in one write; resolves when the system has taken it all, rejects with a SystemError. */
export function print(text: string): Promise<void> {
  stopWatching();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  process.stdout.write(text, (error) => {
    // The reader has seen enough (`| head`), or its terminal is gone: that is its right.
    if (error === null || error === undefined || isReaderGone(error)) resolve();
    else reject(systemError(error, 'standard output'));
  });
  return promise;
}

/** Waits for every one, so that one that fails takes no other with it; then throws the first error. */
export async function allOf(works: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Lines for a person on standard error; what comes from outside loses its control characters, and tokens are withheld. */
export function complain(...messages: readonly string[]): void {
  const lines = messages.flatMap((message) => message.split('\n')).slice(0, MOST_LINES);
  writeLines(lines.flatMap((line) => unlessHeld(withoutTokens(line)) ?? []));
}

/** Lines that waited, with what hides the names in them and in all that follow. */
export function complainHeld(hide: (text: string) => string): void {
  writeLines(letGo(hide));
}

function writeLines(lines: readonly string[]): void {
  if (lines.length === 0) return;
  process.stderr.on('error', () => undefined);
  process.stderr.write(lines.map((line) => `${printable(cut(line))}\n`).join(''));
}

const MOST_LINES = 10;
const LONGEST_LINE = 1_000;

function cut(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line;
}

/** Without a listener an error of the stream would be thrown at the top. */
export function watchStandardOutput(): void {
  process.stdout.on('error', () => undefined);
}

function isReaderGone(error: Error): boolean {
  const code = codeOf(error);
  return code === 'EPIPE' || code === 'EIO' || code === 'ECONNRESET';
}
