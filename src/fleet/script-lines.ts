import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** What the script on a node says, before the stream is the peer's. */
export interface ScriptLines {
  /** The words of its next line; null when it ends, or the signal aborts, before one comes. */
  next(signal: AbortSignal): Promise<readonly [word: string, ...rest: string[]] | null>;
  /** The stream is somebody else's from here on. */
  release(): void;
}

/** A shell that prints more than this in one line prints no line of ours. Characters. */
const LONGEST = 65_536;
/** The script says fewer than twenty lines: who says more than this is not the script, and is not listened to. */
const MOST = 64;

export function scriptLines(output: Readable, mark: string): ScriptLines {
  const lines: string[] = [];
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const stream = { isOver: false };
  let heard = 0;
  let wake = () => undefined as void;
  const onData = (chunk: Buffer) => {
    const parts = (rest + decoder.write(chunk)).split('\n');
    rest = (parts.pop() ?? '').slice(-LONGEST);
    // What was printed before without a line end stands in front of it.
    const said = parts.flatMap((line) => line.split(`${mark} `).slice(1));
    heard += said.length;
    if (heard > MOST) {
      release();
      stream.isOver = true;
    } else lines.push(...said);
    wake();
  };
  const onEnd = () => {
    stream.isOver = true;
    wake();
  };
  const release = () => {
    output.off('data', onData);
    output.off('close', onEnd);
    output.pause();
  };
  output.on('data', onData);
  output.once('close', onEnd);
  return {
    next: async (signal) => {
      while (lines.length === 0 && !stream.isOver && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      const line = signal.aborted ? undefined : lines.shift();
      if (line === undefined) return null;
      const [word = '', ...more] = line.trim().split(' ');
      return [word, ...more];
    },
    release,
  };
}
