import { forbidExit } from '../system/exit.ts';
import { watchMainThread } from '../system/watchdog.ts';
import { formatDuration } from '../values/duration.ts';

/** A plugin cannot end the program as if all were well, print into the report, nor hold the program for good. */
export async function containPlugins(budget: number, code: number): Promise<void> {
  forbidExit((called, caller) => new PluginError(`${called} was called by ${caller ?? 'a plugin'}`));
  // What a plugin prints is not the report.
  const { Console } = await import('node:console');
  globalThis.console = new Console(process.stderr);
  const limit = budget + SPARE_MS;
  await watchMainThread(limit, code, `seaworthy: a plugin has not let go of the program for ${formatDuration(limit)}.`);
}

/** Beyond the budget of the run. */
const SPARE_MS = 5_000;

class PluginError extends Error {
  override readonly name = 'PluginError';
}
