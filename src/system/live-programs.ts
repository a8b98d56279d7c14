import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { systemError } from './errors.ts';
import { whyNoProgram } from './executable.ts';
import { isExecutable } from './files.ts';
import { SystemError } from './system.ts';
import type { Programs, RunOptions, RunResult } from './programs.ts';

const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const DEFAULT_LIMIT = 1024 * 1024;

/** PATH as given, then what a login shell of root would have: under sudo or systemd either may be cut short. */
function searchPath(path: string | undefined): string[] {
  const given = (path ?? '').split(':').filter((directory) => directory.startsWith('/'));
  return [...new Set([...given, ...SYSTEM_PATH])];
}

/** What programs that we start are given: nothing secret. */
export function minimalEnvironment(): Record<string, string> {
  return { PATH: searchPath(process.env['PATH']).join(':'), LC_ALL: 'C' };
}

export const livePrograms: Programs = { find, run };

async function find(name: string): Promise<string | null> {
  for (const directory of searchPath(process.env['PATH'])) {
    const path = `${directory}/${name}`;
    if (await isExecutable(path)) return path;
  }
  return null;
}

function run(path: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
  const { signal, limit = DEFAULT_LIMIT } = options;
  if (signal.aborted) {
    reject(new SystemError('timeout', `${path}: not started, the time was up`));
    return promise;
  }
  const refused = whyNoProgram(path);
  if (refused !== null) {
    reject(new SystemError('error', `${path}: ${refused}`, 'ENOEXEC'));
    return promise;
  }
  let child: ChildProcessWithoutNullStreams;
  try {
    // A group of its own: what the program started is ended with it.
    child = process.getBuiltinModule('node:child_process').spawn(path, args, {
      cwd: '/',
      detached: true,
      stdio: 'pipe',
      env: { ...minimalEnvironment(), ...options.env },
    });
  } catch (error) {
    // Some refusals of the kernel (ETXTBSY, for one) are thrown, and others are events.
    reject(systemError(error, path));
    return promise;
  }
  const killGroup = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
    // A grandchild that left the group may hold the pipes: nothing more is read from them.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  let failure: SystemError | null = null;
  const stop = (error: SystemError) => {
    failure ??= error;
    killGroup();
  };
  const onAbort = () => stop(new SystemError('timeout', `${path}: gave no answer in time`));
  signal.addEventListener('abort', onAbort, { once: true });
  const stdout = collect(child.stdout, limit, () =>
    stop(new SystemError('error', `${path}: printed more than ${limit} bytes`)),
  );
  const stderr = collect(child.stderr, limit, () =>
    stop(new SystemError('error', `${path}: printed more than ${limit} bytes`)),
  );
  // A program that does not read its input closes the pipe: that is its right.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  child.on('error', (error) => {
    signal.removeEventListener('abort', onAbort);
    reject(systemError(error, path));
  });
  child.on('close', (exitCode, killedBy) => {
    signal.removeEventListener('abort', onAbort);
    if (failure !== null) reject(failure);
    else resolve({ exitCode, killedBy, stdout: stdout(), stderr: stderr() });
  });
  return promise;
}

function collect(stream: NodeJS.ReadableStream, limit: number, onOverflow: () => void): () => string {
  const chunks: Buffer[] = [];
  let total = 0;
  stream.on('data', (chunk: Buffer) => {
    total += chunk.length;
    if (total > limit) onOverflow();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
