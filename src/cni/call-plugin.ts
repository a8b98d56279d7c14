import type { PluginConfig } from '../kubernetes/cni/config-list.ts';
import type { RunOptions, RunResult } from '../system/programs.ts';
import { SystemError } from '../system/system.ts';
import { formatDuration } from '../values/duration.ts';
import type { Running } from './running.ts';
import { badEnding, failed, type Failed, type StepResult } from './plugin-failure.ts';
import { pluginPath } from './plugin-path.ts';

/** Results have a few hundred bytes. */
const MAX_OUTPUT = 1024 * 1024;

/** While the file of a program is being written it cannot be started: libcni tries again each second, five times. */
const BUSY_PAUSE_MS = 50;
const BUSY_MS = 5_000;

interface PluginCall {
  readonly plugin: PluginConfig;
  readonly binDirs: readonly string[];
  readonly stdin: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a plugin once, within the time for a call: what it printed, or why there is nothing. */
export async function callPlugin(
  { plugin, binDirs, stdin, env }: PluginCall,
  { programs, system, signal, timeoutMs }: Running,
): Promise<StepResult<string>> {
  const { type } = plugin;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const path = await pluginPath(system, binDirs, type, plugin);
    if (!path.ok) return path;
    const run = (options: RunOptions) => programs.run(path.value, [], options);
    const ended = await unlessBusy(() => run({ stdin, env, signal: limited, limit: MAX_OUTPUT }), limited);
    return ended.exitCode === 0 ? { ok: true, value: ended.stdout } : badEnding(type, ended);
  } catch (error) {
    if (error instanceof SystemError) return notRun(type, error, signal, timeoutMs);
    throw error;
  }
}

/** Throws the last refusal when the time is up. */
async function unlessBusy(run: () => Promise<RunResult>, signal: AbortSignal): Promise<RunResult> {
  for (const end = performance.now() + BUSY_MS; ;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof SystemError) || error.code !== 'ETXTBSY' || performance.now() >= end) throw error;
      await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS));
      if (signal.aborted) throw error;
    }
  }
}

/** What the system said about a program that did not run to its end. */
export function notRun(type: string, error: SystemError, signal: AbortSignal, timeoutMs: number): Failed {
  if (signal.aborted || error.why === 'timeout') return outOfTime(type, signal, timeoutMs);
  // Without an errno it is what the program printed that was too much.
  if (error.code === null && error.why === 'error') return failed(type, 'junk', error.message);
  return failed(type, 'cannot-start', error.code === 'ETXTBSY' ? 'its file is being written' : error.message);
}

/** The time of the whole run says nothing about the plugin. */
export function outOfTime(type: string, signal: AbortSignal, timeoutMs: number): Failed {
  return signal.aborted
    ? failed(type, 'stopped', 'the run was ended before the plugin was')
    : failed(type, 'timed-out', `it gave no answer within ${formatDuration(timeoutMs)}`);
}
