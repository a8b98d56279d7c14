import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { liveSystem } from '../../src/system/live.ts';

/**
 * Pods of the host that it is started in, with an agent that only waits: `open COUNT TIMEOUT HOLD [ABORT]` opens them, says what they are, waits for HOLD
 * milliseconds, closes them, and says what came of it; it is interrupted after ABORT milliseconds. `recover JOURNAL` is what their guardian starts.
 */

const [, self = '', command = '', ...args] = process.argv;
const system = liveSystem();

if (command === 'recover') {
  const { recover } = await import('../../src/pods/undo/recover.ts');
  await recover(args[0] ?? '', system);
} else {
  const { openThrowAway } = await import('../../src/pods/throw-away/throw-away.ts');
  const [count = 0, timeoutMs = 0, hold = 0, abort = 0] = args.map(Number);
  const machine = {
    system,
    settings: DEFAULTS,
    places: Promise.resolve({
      runtime: null,
      confDir: '/etc/cni/net.d',
      binDirs: ['/opt/cni/bin', '/usr/lib/cni'],
      maxConfNum: 1,
      defaultNetwork: null,
      internalLoopback: false,
    }),
    agent: ['/bin/sh', '-c', 'read -r nothing'],
    recover: [process.execPath, self, 'recover'],
  };
  const signal = abort === 0 ? new AbortController().signal : AbortSignal.timeout(abort);
  const asked = { how: 'throw-away', count, timeoutMs, signal } as const;
  const opened = await openThrowAway(machine, asked);
  console.log(JSON.stringify({ ...opened.result, usable: opened.pods.length }));
  await sleep(hold);
  console.log(JSON.stringify({ ...(await opened.close()), usable: opened.pods.length }));
}
