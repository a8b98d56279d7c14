import type { WriteStream } from 'node:tty';
import type { RunEvent } from '../engine/events.ts';
import type { ProbeProgress } from '../evidence/source.ts';
import { widthOf } from './terminal.ts';

/** A line that says what is still running, rewritten in place at most ten times a second. */
export interface Progress {
  readonly show: (event: RunEvent) => void;
  readonly erase: () => void;
}

export const NO_PROGRESS: Progress = { show: () => undefined, erase: () => undefined };

const INTERVAL_MS = 100;
const ERASE_LINE = '\r\u001B[2K';

type Terminal = Pick<WriteStream, 'isTTY' | 'columns' | 'write'>;

export function progressOn(terminal: Terminal, ascii: boolean): Progress {
  const waiting = new Set<string>();
  let total = 0;
  let probes: ProbeProgress | null = null;
  let drawn = false;
  const draw = () => {
    if (waiting.size === 0) return;
    const more = ascii ? '...' : '…';
    const checks = `${total - waiting.size} of ${total} checks, still running: ${[...waiting].join(', ')}`;
    const line = probes === null || probes.pairsDone >= probes.pairs ? checks : `${pairsOf(probes)}; ${checks}`;
    // The last column stays free: a terminal may wrap when it is written.
    const room = widthOf(terminal) - 1;
    terminal.write(`${ERASE_LINE}${line.length <= room ? line : line.slice(0, room - more.length) + more}`);
    drawn = true;
  };
  const timer = setInterval(draw, INTERVAL_MS);
  timer.unref();
  return {
    show: (event) => {
      if (event.type === 'started') {
        total = event.checks.length;
        for (const { id } of event.checks) waiting.add(id);
      } else if (event.type === 'probes') {
        probes = event.progress;
      } else if (event.type === 'check') {
        waiting.delete(event.check.id);
      }
    },
    erase: () => {
      clearInterval(timer);
      if (drawn) terminal.write(ERASE_LINE);
    },
  };
}

/** `12 of 30 pairs done, 2 failures so far` */
function pairsOf({ pairs, pairsDone, failures }: ProbeProgress): string {
  return `${pairsDone} of ${pairs} pairs done, ${failures} ${failures === 1 ? 'failure' : 'failures'} so far`;
}
