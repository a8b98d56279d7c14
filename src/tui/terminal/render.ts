import { Readable, Writable } from 'node:stream';
import { render, type Instance } from 'ink';
import type { ReactNode } from 'react';
import type { Size } from './terminal.ts';

/** Ink as a painter of frames: it never sees the terminal, and no bytes of the keyboard. */
export interface Painter {
  /** The rows of a tree, with colours. */
  paint(tree: ReactNode, size: Size): readonly string[];
  close(): void;
}

/** What Ink takes for a terminal. */
class Canvas extends Writable {
  frame = '';
  columns = 80;
  rows = 24;

  constructor() {
    super({ decodeStrings: false });
  }

  override _write(text: unknown, _encoding: string, done: () => void): void {
    this.frame = String(text);
    done();
  }
}

/** In debug mode Ink hands over each frame whole, at once and without moving a cursor; what of it is new on the screen is for us to know. */
export function createPainter({ ascii }: { readonly ascii: boolean }): Painter {
  const stdout = new Canvas();
  let instance: Instance | null = null;
  const start = (tree: ReactNode): Instance => {
    const started = render(tree, {
      stdout,
      stdin: new Readable({ read: () => undefined }),
      debug: true,
      interactive: false,
      patchConsole: false,
      exitOnCtrlC: false,
      isScreenReaderEnabled: false,
    });
    // What breaks in a view would end as a picture of itself on a screen that nobody draws any more.
    started.waitUntilExit().catch((error: unknown) => {
      setImmediate(() => {
        throw error;
      });
    });
    return started;
  };
  return {
    paint: (tree, size) => {
      Object.assign(stdout, size);
      if (instance === null) instance = start(tree);
      else instance.rerender(tree);
      // Ink marks with it what it cuts.
      const frame = ascii ? stdout.frame.replaceAll('…', '.') : stdout.frame;
      return frame.split('\n');
    },
    close: () => instance?.unmount(),
  };
}
