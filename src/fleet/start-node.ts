import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer, PeerError } from '../peers/peer.ts';
import { streamPeer } from '../peers/stream/stream-peer.ts';
import { SystemError } from '../system/system.ts';
import { printable } from '../values/printable.ts';
import { formatDuration } from '../values/duration.ts';
import { lastWords } from '../values/last-words.ts';
import { copyExecutable } from './copy.ts';
import type { FleetNode } from './fleet-node.ts';
import type { PackedExecutable } from './packed-executable.ts';
import { remoteCommand, remoteScript } from './remote-script.ts';
import { scriptLines, type ScriptLines } from './script-lines.ts';
import { noNode, notWaitedFor } from './no-node.ts';
import { SSH_FAILED, startSsh, type SshProcess } from './ssh-process.ts';

export interface StartOptions {
  /** What `--version` prints of this program. */
  readonly version: string;
  /** Arguments of the peer. */
  readonly listen: readonly string[];
  /** The executable for machines that have not this version; null where this program is none. */
  readonly executable: () => Promise<PackedExecutable | null>;
  /** Milliseconds that one attempt may take. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** A peer that was started over ssh. */
export interface StartedNode {
  readonly peer: Peer;
  /** Where ssh found it, as it says itself; null where its server does not tell. */
  readonly address: string | null;
  /** The same for two connections to one machine. */
  readonly machine: string;
  readonly ssh: SshProcess;
}

/** What the machines are called for which this executable is: `uname -m`. */
const MACHINES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** To connect, to be let in and to come to a shell, with directories of users and names that answer slowly, takes several attempts' time. */
const ATTEMPTS = 3;

/** Throws a PeerError; whatever was begun on the node ends then. */
export async function startNode(node: FleetNode, options: StartOptions): Promise<StartedNode> {
  const { name, target } = node;
  const mark = `seaworthy-${randomBytes(6).toString('hex')}`;
  const { version, listen, timeout } = options;
  const script = remoteScript({ mark, version, listen, becomesRoot: target.becomesRoot });
  const ssh = await startSsh(target, remoteCommand(script), timeout);
  try {
    ssh.input.write(script);
    const lines = scriptLines(ssh.output, mark);
    const told = await untilFound(node, ssh, lines, options);
    if (told.missing) await copy(node, ssh, lines, told, options);
    lines.release();
    const peer = streamPeer(name, ssh.input, ssh.output, () => ended(name, ssh));
    await untilAnswered(node, ssh, peer, options);
    return { peer, address: told.address, machine: told.machine, ssh };
  } catch (error) {
    ssh.kill();
    await Promise.race([ssh.ended, sleep(SOON_MS)]);
    throw error;
  }
}

/** Whether what was started is a peer: sudo may have refused, or the executable does not run there. */
async function untilAnswered(node: FleetNode, ssh: SshProcess, peer: Peer, options: StartOptions): Promise<void> {
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeout * ATTEMPTS)]);
  try {
    await peer.call('clock', {}, limit);
  } catch {
    // What ssh says of its end tells more.
    if (options.signal.aborted) throw notWaitedFor(node);
    throw limit.aborted
      ? noNode(node, 'ended', `seaworthy was started on ${node.name}, and does not answer.`)
      : await failure(node, ssh);
  }
}

interface Told {
  readonly processor: string;
  readonly machine: string;
  readonly address: string | null;
  readonly otherVersion: string | null;
  readonly missing: boolean;
}

/** What the script says before it starts the installed program, or asks for one. */
async function untilFound(node: FleetNode, ssh: SshProcess, lines: ScriptLines, options: StartOptions): Promise<Told> {
  const limit = options.timeout * ATTEMPTS;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(limit)]);
  const told = { processor: '', machine: '', address: '', other: '' };
  for (let line = await lines.next(signal); line !== null; line = await lines.next(signal)) {
    const [word, ...rest] = line;
    const text = printable(rest.join(' ').slice(0, 200));
    if (word === 'machine') told.processor = text;
    else if (word === 'boot') told.machine = text;
    else if (word === 'address') told.address = text;
    else if (word === 'other') told.other = text;
    else if (word === 'installed' || word === 'missing')
      return {
        processor: told.processor,
        machine: told.machine,
        address: told.address === '' ? null : told.address,
        otherVersion: told.other === '' ? null : told.other,
        missing: word === 'missing',
      };
  }
  if (options.signal.aborted) throw notWaitedFor(node);
  if (!signal.aborted) throw await failure(node, ssh);
  const waited = formatDuration(limit);
  throw noNode(
    node,
    'login',
    `${node.name}: no shell answered over ssh within ${waited}, three times --timeout.`,
    'silent',
  );
}

async function copy(
  node: FleetNode,
  ssh: SshProcess,
  lines: ScriptLines,
  { processor, otherVersion }: Told,
  { version, executable, signal }: StartOptions,
): Promise<void> {
  const { name } = node;
  const has =
    otherVersion === null ? `${name} has no seaworthy` : `${name} has ${otherVersion}, and this is ${version}`;
  const packed = await packedFor(node, has, executable);
  if (packed === null)
    throw noNode(node, 'no-program', `${has}; what runs here is no executable that could be copied there.`);
  if (MACHINES[process.arch] !== processor)
    throw noNode(node, 'no-program', `${has}; this executable is for another processor than its ${processor}.`);
  if ((await copyExecutable(node, ssh, lines, packed, signal)) !== null) return;
  if (signal.aborted) throw notWaitedFor(node);
  throw await failure(node, ssh);
}

async function packedFor(node: FleetNode, has: string, executable: StartOptions['executable']) {
  try {
    return await executable();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    throw noNode(node, 'no-program', `${has}; the executable could not be packed for it: ${error.message}.`);
  }
}

/** Milliseconds in which ssh, whose output has ended, ends too. */
const SOON_MS = 1_000;

/** Why a script came to no end. */
async function failure(node: FleetNode, ssh: SshProcess): Promise<PeerError> {
  const { name } = node;
  const code = await Promise.race([ssh.ended, sleep(SOON_MS, 'late' as const, { ref: false })]);
  if (code === 'late') return noNode(node, 'ended', `${name} gave no further sign over ssh.`, 'silent');
  const said = lastWords(ssh.lastLine());
  return code === SSH_FAILED
    ? noNode(node, 'login', `ssh could not get into ${name}${said}.`, 'refused')
    : noNode(node, 'ended', `on ${name} what was started ended with code ${code ?? 'none'}${said}.`);
}

/** Why a peer that was there answers no more. */
function ended(name: string, ssh: SshProcess): string {
  return `the ssh session of ${name} has ended${lastWords(ssh.lastLine())}`;
}
