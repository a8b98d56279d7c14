import { spawn, type IPty } from '@lydell/node-pty';
import { Terminal } from '@xterm/headless';
import { expect } from 'vitest';
import { PROGRAM } from '../../program.ts';

export interface Session {
  readonly pty: IPty;
  /** What the terminal shows now, row by row. */
  rows(): readonly string[];
  text(): string;
  press(keys: string): void;
  /** Until the screen has it. */
  sees(text: string | RegExp): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Everything that was ever sent to the terminal. */
  sent(): string;
  /** The alternate screen is shown. */
  alternate(): boolean;
  /** How the program ended; the terminal has everything by then. */
  ended(): Promise<{ readonly code: number; readonly signal: number }>;
}

export interface Opened {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export const KEYS = {
  up: '\u001B[A',
  down: '\u001B[B',
  right: '\u001B[C',
  left: '\u001B[D',
  pageUp: '\u001B[5~',
  pageDown: '\u001B[6~',
  escape: '\u001B',
  enter: '\r',
  tab: '\t',
  ctrlC: '\u0003',
  ctrlZ: '\u001A',
  ctrlF1: '\u001B[1;5P',
} as const;

const open: IPty[] = [];

/** For the afterEach of each file. */
export function closeTerminals(): void {
  for (const pty of open.splice(0)) {
    try {
      pty.kill('SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** The built program in a terminal of its own, as a user has it. */
export function openTerminal({ command, args = [], columns = 100, rows = 30, env = {} }: Opened = {}): Session {
  const [program = '', ...words] = command ?? [...PROGRAM, ...args];
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true });
  const pty = spawn(program, words, {
    cols: columns,
    rows,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env },
  });
  open.push(pty);
  let sent = '';
  pty.onData((data) => {
    sent += data;
    terminal.write(data);
  });
  const { promise: over, resolve } = Promise.withResolvers<{ code: number; signal: number }>();
  pty.onExit(({ exitCode, signal = 0 }) => resolve({ code: exitCode, signal }));
  const shown = () =>
    Array.from({ length: terminal.rows }, (_, row) => {
      const { active } = terminal.buffer;
      return active.getLine(active.viewportY + row)?.translateToString(true) ?? '';
    });
  return {
    pty,
    rows: shown,
    text: () => shown().join('\n'),
    press: (keys) => pty.write(keys),
    sees: async (text) => {
      await expect.poll(() => shown().join('\n'), { timeout: 15_000, interval: 20 }).toMatch(text);
    },
    resize: (width, height) => {
      terminal.resize(width, height);
      pty.resize(width, height);
    },
    sent: () => sent,
    alternate: () => terminal.buffer.active.type === 'alternate',
    ended: async () => {
      const how = await over;
      await new Promise<void>((written) => terminal.write('', written));
      return how;
    },
  };
}
