import type { PeerError } from '../peers/peer.ts';
import { formatDuration } from '../values/duration.ts';
import { formatBytes } from '../values/quantity.ts';
import type { FleetNode } from './fleet-node.ts';
import { noNode } from './no-node.ts';
import type { PackedExecutable } from './packed-executable.ts';
import type { ScriptLines } from './script-lines.ts';

import type { SshProcess } from './ssh-process.ts';

/** Without a byte for so long a node is given up. Milliseconds. */
const STALLED_MS = 15_000;
/** The whole of it, however it trickles: its 50 MB get through at 1.4 Mbit/s, and the other nodes of the run wait no longer. Milliseconds. */
const COPY_MS = 300_000;

/**
 * Hands the executable to the script on a node. Throws a PeerError; null where the connection ended, or nothing more came of it.
 * @param limit Milliseconds for the whole of it.
 */
export async function copyExecutable(
  node: FleetNode,
  ssh: SshProcess,
  lines: ScriptLines,
  packed: PackedExecutable,
  run: AbortSignal,
  limit = COPY_MS,
): Promise<'started' | null> {
  const { size } = packed;
  const tried: string[] = [];
  const whole = AbortSignal.timeout(limit);
  const signal = AbortSignal.any([run, whole]);
  ssh.input.write(`${size} ${packed.length}\n`);
  // Before it is sent and after, however much is said.
  let soon = within(signal);
  let isSent = false;
  for (let line = await lines.next(soon); line !== null; line = await lines.next(soon)) {
    const [word, ...rest] = line;
    if (word === 'tried') tried.push(`${formatBytes(Number(rest.at(-1)) * 1024)} in ${rest.slice(0, -1).join(' ')}`);
    else if (word === 'noexec') tried.push(`${rest.join(' ')} runs no programs`);
    else if (word === 'no-room') throw noRoom(node, size, tried);
    else if (word === 'lacks')
      throw noNode(node, 'no-room', `${node.name} cannot take the executable: it has no ${rest.join(' ')}.`);
    else if (word === 'short')
      throw noNode(
        node,
        'no-room',
        `${node.name} took ${formatBytes(Number(rest[0]))} of the executable, which has ${formatBytes(size)}: its disk is full, or the connection broke.`,
      );
    else if (word === 'start') return 'started';
    else if (word === 'copy' && !isSent) {
      isSent = true;
      await send(ssh, packed, signal);
      soon = within(signal);
    }
  }
  if (run.aborted || !whole.aborted) return null;
  throw noNode(
    node,
    'ended',
    `${node.name} did not take the executable, ${formatBytes(packed.length)} as it travels, within ${formatDuration(limit)}: the way there is too slow, and seaworthy must be installed there.`,
  );
}

function noRoom(node: FleetNode, size: number, tried: readonly string[]): PeerError {
  const found = tried.length === 0 ? 'no directory for temporary files can be written' : tried.join(', ');
  return noNode(
    node,
    'no-room',
    `${node.name} has no room for the executable, which takes ${formatBytes(size)}: ${found}.`,
  );
}

function within(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(STALLED_MS)]);
}

/** As fast as it is taken; who takes nothing any more is told by the next line, which does not come. */
async function send({ input, ended }: SshProcess, packed: PackedExecutable, signal: AbortSignal): Promise<void> {
  let at = 0;
  for (let piece = await packed.read(at); piece.length > 0; piece = await packed.read(at)) {
    at += piece.length;
    if (input.write(piece)) continue;
    const limit = within(signal);
    const drained = new Promise<boolean>((done) => {
      input.once('drain', () => done(true));
      limit.addEventListener('abort', () => done(false), { once: true });
    });
    if (!(await Promise.race([drained, ended.then(() => false)]))) return;
  }
}
