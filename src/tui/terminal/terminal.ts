import type { ReadStream, WriteStream } from 'node:tty';
import { createDecoder, type Input } from './decode.ts';
import { createScreen } from './screen.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The terminal while it is ours: the alternate screen, raw keys. */
export interface Terminal {
  readonly size: () => Size;
  readonly draw: (rows: readonly string[]) => void;
  /** As it is, past the screen: for what a terminal does and does not show. */
  readonly send: (sequence: string) => void;
  /** The next frame is drawn whole: somebody else wrote on the screen. */
  readonly redraw: () => void;
  /** Stops the program as Ctrl-Z does; `fg` brings it back. */
  readonly suspend: () => void;
  /** Gives it back as it was found; once more does nothing. */
  readonly leave: () => void;
}

export interface TerminalEvents {
  readonly onInput: (input: Input) => void;
  /** Its size changed, or it was given back to us. */
  readonly onChange: () => void;
  /** 128 and the number of the signal that is to end us; a terminal that is gone is SIGHUP. */
  readonly onEnd: (code: number) => void;
}

const ENDINGS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 } as const;

const ESC = '\u001B[';
/** Alternate screen, no cursor, pasted text marked as such. */
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}?2004h`;
const LEAVE = `${ESC}?2026l${ESC}?2004l${ESC}0m${ESC}?25h${ESC}?1049l`;

/** Milliseconds after which an Escape is the key and not the beginning of a sequence: over a slow line the rest of one comes later. */
const ESCAPE_MS = 50;
/** Milliseconds after which a stop that came to nothing is noticed: a program without a shell above it cannot be stopped. */
const STOP_MS = 200;

export function takeTerminal(stdin: ReadStream, stdout: WriteStream, events: TerminalEvents): Terminal {
  const { onInput, onChange, onEnd } = events;
  const write = (text: string) => void stdout.write(text);
  const screen = createScreen(write, () => stdout.rows);
  const decoder = createDecoder();
  let ours = false;
  let over = false;
  let timer: NodeJS.Timeout | undefined;

  const onData = (bytes: Buffer) => {
    clearTimeout(timer);
    for (const input of decoder.feed(bytes)) onInput(input);
    if (!decoder.waiting) return;
    timer = setTimeout(() => {
      for (const input of decoder.flush()) onInput(input);
    }, ESCAPE_MS);
  };
  const enter = () => {
    if (ours || over) return;
    ours = true;
    stdin.setRawMode(true);
    screen.forget();
    write(ENTER);
  };
  const giveBack = () => {
    if (!ours) return;
    ours = false;
    try {
      write(LEAVE);
      stdin.setRawMode(false);
    } catch {
      // The terminal is gone: there is nothing to give back.
    }
  };
  const resume = () => {
    if (ours || over) return;
    process.on('SIGTSTP', suspend);
    enter();
    onChange();
  };
  const suspend = () => {
    giveBack();
    // Without a handler the signal stops us; the group is stopped as by the terminal itself, our launcher included.
    process.off('SIGTSTP', suspend);
    process.kill(0, 'SIGTSTP');
    setTimeout(resume, STOP_MS);
  };
  const onResize = () => {
    screen.forget();
    onChange();
  };
  const hangUp = () => onEnd(ENDINGS.SIGHUP);
  const endings = (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const).map(
    (signal) => [signal, () => onEnd(ENDINGS[signal])] as const,
  );

  // Whatever ends the program, the user gets the terminal back; first of all handlers, so that what went wrong is said where it can be read.
  process.prependListener('uncaughtException', giveBack);
  process.on('exit', giveBack);
  for (const [signal, end] of endings) process.on(signal, end);
  process.on('SIGTSTP', suspend);
  process.on('SIGCONT', resume);
  stdin.on('data', onData);
  stdin.on('end', hangUp);
  stdin.on('error', hangUp);
  stdout.on('error', hangUp);
  stdout.on('resize', onResize);
  enter();

  return {
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
    draw: (rows) => {
      if (ours) screen.draw(rows);
    },
    send: (sequence) => {
      if (ours) write(sequence);
    },
    redraw: () => screen.forget(),
    suspend,
    leave: () => {
      giveBack();
      if (over) return;
      over = true;
      clearTimeout(timer);
      process.off('uncaughtException', giveBack);
      process.off('exit', giveBack);
      for (const [signal, end] of endings) process.off(signal, end);
      process.off('SIGTSTP', suspend);
      process.off('SIGCONT', resume);
      stdin.off('data', onData);
      stdout.off('resize', onResize);
      stdin.pause();
    },
  };
}
