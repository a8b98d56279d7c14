import { DEFAULTS } from '../../src/plan/defaults.ts';
import { openExisting } from '../../src/pods/existing/existing.ts';
import type { PodsMachine } from '../../src/pods/opened-pods.ts';
import { liveSystem } from '../../src/system/live.ts';

/** A process inside a host: enters real pods, prints what it was told and what an agent sees in each of them, and leaves. */

/** The first line it is told ends it, and so does the end of its input. */
const AGENT =
  'echo $(ip -o link show up | cut -d" " -f2 | cut -d@ -f1 | tr -d : | sort) $(ip -4 -o address show scope global | tr -s " " | cut -d" " -f4); read line';

const machine: PodsMachine = {
  system: liveSystem(),
  settings: DEFAULTS,
  places: Promise.resolve({
    runtime: null,
    confDir: '/etc/cni/net.d',
    maxConfNum: 1,
    defaultNetwork: null,
    binDirs: [],
    internalLoopback: false,
  }),
  agent: ['/bin/sh', '-c', AGENT],
  recover: [],
};
const { signal } = new AbortController();
const opened = await openExisting(machine, {
  how: 'existing',
  count: Number(process.argv[2]),
  timeoutMs: 10_000,
  signal,
});
const seen = await Promise.all(
  opened.pods.map(async ({ name, addresses, output }) => {
    const said = await new Promise<string>((resolve) =>
      output.once('data', (text: Buffer) => resolve(text.toString().trim())),
    );
    return { name, addresses, said };
  }),
);
const { pods, none } = await opened.close();
await Promise.all(opened.pods.map(({ ended }) => ended));
console.log(JSON.stringify({ told: pods, none, seen }));
