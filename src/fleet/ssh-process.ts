import type { Readable, Writable } from 'node:stream';
import { systemError } from '../system/errors.ts';
import { printable } from '../values/printable.ts';
import { sshArguments, type SshTarget } from './ssh-target.ts';
import { tellingLine } from './telling-line.ts';

/** The user's own ssh, which runs a command on a node. */
export interface SshProcess {
  readonly input: Writable;
  readonly output: Readable;
  /** Settles with its exit code, or with null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** What it printed last on standard error that tells something, as a person may read it. */
  lastLine(): string;
  /** The connection ends, and with it what the node holds for us. */
  kill(): void;
}

/** Exit code of ssh when it could not connect, was not let in or lost the connection: https://man.openbsd.org/ssh.1#EXIT_STATUS */
export const SSH_FAILED = 255;

const LONGEST_LINE = 300;
/** Characters of standard error that are kept. */
const KEPT = 4_096;

/** What is ours to say; all else (keys, agents, jump hosts, known hosts, shared connections) is as the user has it. */
function optionsOf(connectTimeoutMs: number): string[] {
  const said = {
    // Nobody is there to answer a question.
    BatchMode: 'yes',
    ConnectTimeout: Math.max(1, Math.ceil(connectTimeoutMs / 1_000)),
    // A connection that was cut is noticed after three of these.
    ServerAliveInterval: 5,
    ServerAliveCountMax: 3,
    ClearAllForwardings: 'yes',
    RemoteCommand: 'none',
    RequestTTY: 'no',
  };
  return Object.entries(said).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** Throws a SystemError where there is no ssh. */
export async function startSsh(target: SshTarget, command: string, connectTimeoutMs: number): Promise<SshProcess> {
  const args = [...optionsOf(connectTimeoutMs), ...sshArguments(target), command];
  // In a session of its own, so that no key of our terminal reaches it; with our whole environment, which leads to agents and to what jumps there.
  const child = process
    .getBuiltinModule('node:child_process')
    .spawn('ssh', args, { detached: true, stdio: 'pipe', env: process.env });
  const { promise: ended, resolve } = Promise.withResolvers<number | null>();
  // A shared connection may go on in the background, and hold standard error: its end is not waited for.
  child.once('exit', (code) => resolve(code));
  const { stdin: input, stdout: output, stderr } = child;
  for (const stream of [input, output, stderr]) stream.on('error', () => undefined);
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-KEPT)));
  if (child.pid === undefined) {
    const error = await new Promise<unknown>((failed) => child.once('error', failed));
    throw systemError(error, 'ssh');
  }
  return {
    input,
    output,
    ended,
    lastLine: () => printable(tellingLine(said)).slice(0, LONGEST_LINE),
    kill: () => void child.kill('SIGTERM'),
  };
}
