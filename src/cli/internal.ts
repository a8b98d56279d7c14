import { singleExecutable } from '../system/single-executable.ts';

/** What this program is started as by itself, and by nobody else: without help, completion or options. */
export const INTERNAL: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  'pod-agent': async () => {
    const [{ serveInPod }, { liveSystem }] = await Promise.all([
      import('../peers/local/pod-agent.ts'),
      import('../system/live.ts'),
    ]);
    // Whoever started it decides when it ends: a terminal sends its signals to all of its processes.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => undefined);
    await serveInPod(liveSystem(), SEAWORTHY_VERSION, process.stdin, process.stdout);
    return 0;
  },
  'pods-recover': async ([journal = '']) => {
    const [{ recover }, { liveSystem }] = await Promise.all([
      import('../pods/undo/recover.ts'),
      import('../system/live.ts'),
    ]);
    await recover(journal, liveSystem());
    return 0;
  },
};

/** Command lines that start this program so. */
export function startedAs(name: 'pod-agent' | 'pods-recover'): string[] {
  const [, script] = process.argv;
  // The executable is all that it needs, and this very one: its file may have another version by now, or no name (mesh --ssh).
  if (singleExecutable() !== null) return [`/proc/${process.pid}/exe`, name];
  return [process.execPath, ...(script === undefined ? [] : [script]), name];
}
