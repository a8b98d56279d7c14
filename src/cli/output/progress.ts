import type { WriteStream } from 'node:tty';
import type { RunEvent } from '../../engine/events.ts';
import type { Node } from '../../engine/node.ts';
import type { ProbeProgress } from '../../evidence/source.ts';
import { printable } from '../../values/printable.ts';
import { widthOf } from './terminal.ts';

/** A line that says what is still running, rewritten in place at most ten times a second. */
export interface Progress {
  readonly show: (event: RunEvent) => void;
  readonly erase: () => void;
}

export const NO_PROGRESS: Progress = { show: () => undefined, erase: () => undefined };

/** Of so many each is told. */
const PEERS = 20;
const INTERVAL_MS = 100;
const ERASE_LINE = '\r\u001B[2K';

type Terminal = Pick<WriteStream, 'isTTY' | 'columns' | 'write'>;

/** @param anonymous Nobody is named. */
export function progressOn(terminal: Terminal, ascii: boolean, anonymous: boolean): Progress {
  const waiting = new Set<string>();
  const peers: Node[] = [];
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
  /** They stay above the line: whoever sees a wrong one need not wait for the end. */
  const tellPeers = () => {
    const lines = peers.slice(0, PEERS).map(peerLine);
    if (peers.length > PEERS) lines.push(`and ${peers.length - PEERS} more`);
    if (lines.length > 0) terminal.write(`${drawn ? ERASE_LINE : ''}${lines.join('\n')}\n`);
  };
  const timer = setInterval(draw, INTERVAL_MS);
  timer.unref();
  return {
    show: (event) => {
      if (event.type === 'started') {
        total = event.checks.length;
        for (const { id } of event.checks) waiting.add(id);
      } else if (event.type === 'node') {
        if (!event.node.self && !anonymous) peers.push(event.node);
      } else if (event.type === 'probes') {
        if (probes === null) tellPeers();
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

/** `worker w2 (10.0.0.12)` */
function peerLine({ roles, name, addresses }: Node): string {
  const role = roles.includes('any') ? 'any role' : roles.join(' and ');
  return printable(`${role} ${name}${addresses.length === 0 ? '' : ` (${addresses.join(', ')})`}`);
}

/** `12 of 30 pairs done, 2 failures so far` */
function pairsOf({ pairs, pairsDone, failures }: ProbeProgress): string {
  return `${pairsDone} of ${pairs} pairs done, ${failures} ${failures === 1 ? 'failure' : 'failures'} so far`;
}
