import { startProgram, type StartedProgram } from '../system/start-program.ts';
import { killProcess } from '../system/process-identity.ts';
import { SystemError } from '../system/system.ts';

/** The shell becomes the agent: its number is that of the agent. */
const BECOME = 'echo ready >&3 && exec "$@" 3>&-';

/** How long an agent whose input is closed may take to end by itself. */
const FAREWELL_MS = 500;

/**
 * The agent, once it is where it belongs.
 * @param way A program and its arguments that starts what follows them in the pod's network, by becoming it.
 * @param first What a shell does there before. Throws a SystemError.
 */
export async function startAgent(
  way: readonly [program: string, ...args: string[]],
  agent: readonly string[],
  signal: AbortSignal,
  first = ':',
): Promise<StartedProgram> {
  const [path, ...args] = way;
  const program = await startProgram(path, [...args, '/bin/sh', '-c', `${first} && ${BECOME}`, 'sh', ...agent]);
  try {
    await untilReady(program, signal);
    return program;
  } catch (error) {
    await endAgent(program);
    throw error;
  }
}

async function untilReady(program: StartedProgram, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const refuse = (why: 'error' | 'timeout', message: string) =>
    reject(new SystemError(why, `no program could be started in the network of a pod: ${message}`));
  const onAbort = () => refuse('timeout', 'it was interrupted');
  program.news.once('data', () => resolve());
  // What it said may come after its end.
  void program.ended.then(() => setImmediate(() => refuse('error', program.complaint() || 'it ended at once')));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Its network namespace, where nothing else holds it, ends with it. */
export async function endAgent({ pid, input, ended }: StartedProgram): Promise<void> {
  input.end();
  const overdue = setTimeout(() => killProcess(pid), FAREWELL_MS);
  await ended;
  clearTimeout(overdue);
}
