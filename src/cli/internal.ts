import { singleExecutable } from '../system/single-executable.ts';

/** What this program is started as by itself, and by nobody else: without help, completion or options. */
export const INTERNAL: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  'pods-recover': async ([journal = '']) => {
    const [{ recover }, { liveSystem }] = await Promise.all([
      import('../pods/undo/recover.ts'),
      import('../system/live.ts'),
    ]);
    await recover(journal, liveSystem());
    return 0;
  },
};

/** Command lines that start this program so. The first has a way in of its own: pod-agent.ts. */
export function startedAs(name: 'pod-agent' | 'pods-recover'): string[] {
  const [, script] = process.argv;
  // The executable is all that it needs, and this very one: its file may have another version by now, or no name (mesh --ssh).
  if (singleExecutable() !== null) return [`/proc/${process.pid}/exe`, name];
  return [process.execPath, ...(script === undefined ? [] : [script]), name];
}
