import { liveSystem } from '../../system/live.ts';
import { singleExecutable } from '../../system/single-executable.ts';

/** The file that runs on nodes by itself: this program where it is one, or the one that a build has laid beside it. Null where there is none. */
export async function copiedExecutable(): Promise<string | null> {
  const own = singleExecutable();
  if (own !== null) return own;
  const [, script = ''] = process.argv;
  const built = `${script.slice(0, script.lastIndexOf('/'))}/seaworthy`;
  const status = await liveSystem().status(built);
  return status?.kind === 'file' ? built : null;
}
