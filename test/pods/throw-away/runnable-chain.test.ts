import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import type { Places, PodsMachine } from '../../../src/pods/opened-pods.ts';
import { openPods } from '../../../src/pods/open-pods.ts';
import { runnableChain } from '../../../src/pods/throw-away/runnable-chain.ts';
import { liveSystem } from '../../../src/system/live.ts';
import { rootedSystem } from '../../../src/system/rooted.ts';

/** A machine that runs nothing: what is asked for here ends before anything is made. */
function machine(files: Readonly<Record<string, string>>, places: Partial<Places> = {}): PodsMachine {
  const root = mkdtempSync(join(tmpdir(), 'seaworthy-chain-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const directory of ['net.d', 'bin']) mkdirSync(join(root, directory));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text, { mode: 0o755 });
  return {
    system: liveSystem(),
    settings: DEFAULTS,
    places: Promise.resolve({
      runtime: null,
      confDir: join(root, 'net.d'),
      binDirs: [join(root, 'bin')],
      maxConfNum: 1,
      defaultNetwork: null,
      internalLoopback: false,
      ...places,
    }),
    agent: ['/bin/false'],
    recover: ['/bin/false'],
  };
}

async function chainOf({ system, places }: PodsMachine) {
  return runnableChain(system, await places);
}

const list = (...types: string[]) =>
  JSON.stringify({ cniVersion: '1.0.0', name: 'n', plugins: types.map((type) => ({ type })) });

test('the network that the runtime takes', async () => {
  const found = await chainOf(machine({ 'net.d/10-a.conflist': list('bridge', 'portmap') }));
  expect(found).toMatchObject({
    file: expect.stringMatching(/net\.d\/10-a\.conflist$/),
    chain: { network: { name: 'n' } },
    loopback: null,
  });
});

test('loopback by a plugin, where the runtime does it so', async () => {
  const files = { 'net.d/10-a.conflist': list('bridge'), 'bin/loopback': '' };
  const loopback = async (places: Partial<Places>) => {
    const found = await chainOf(machine(files, places));
    return 'why' in found ? found : found.loopback?.network.plugins.map(({ type }) => type);
  };
  expect(await loopback({})).toEqual(['loopback']);
  expect(await loopback({ runtime: 'containerd' })).toEqual(['loopback']);
  expect(await loopback({ runtime: 'containerd', internalLoopback: true })).toBeUndefined();
  expect(await loopback({ runtime: 'cri-o' })).toBeUndefined();
});

test.for([
  ['no-network', {}],
  ['broken-network', { 'net.d/10-a.conflist': '{' }],
  ['needs-real-pod', { 'net.d/10-a.conflist': list('calico', 'portmap') }],
  [
    'needs-real-pod',
    { 'net.d/10-a.conf': JSON.stringify({ name: 'n', type: 'ipvlan', ipam: { type: 'calico-ipam' } }) },
  ],
] as const)('%s: why there are no pods, whoever asks', async ([why, files]) => {
  const root = machine(files);
  expect(await chainOf(root)).toMatchObject({ why });
  const asked = { how: 'throw-away', count: 1, timeoutMs: 100, signal: new AbortController().signal } as const;
  const opened = await openPods({ ...root, system: { ...root.system, privileged: true } }, asked);
  expect(opened).toMatchObject({ pods: [], result: { none: { why } } });
  expect(await opened.close()).toBe(opened.result);
});

test('not root, and a directory', async () => {
  const root = machine({ 'net.d/10-a.conflist': list('bridge') });
  const asked = { how: 'throw-away', count: 1, timeoutMs: 100, signal: new AbortController().signal } as const;
  const why = async (system: PodsMachine['system']) => (await openPods({ ...root, system }, asked)).result.none?.why;
  expect(await why({ ...root.system, privileged: false })).toBe('denied');
  expect(await why(rootedSystem('/'))).toBe('unsupported');
});

test('a program that is needed and not there is named, with its package', async () => {
  const root = machine({ 'net.d/10-a.conflist': list('bridge') });
  const asked = { how: 'throw-away', count: 1, timeoutMs: 100, signal: new AbortController().signal } as const;
  const programs = { ...root.system.programs, find: async () => null };
  const { result } = await openPods({ ...root, system: { ...root.system, privileged: true, programs } }, asked);
  expect(result.none).toMatchObject({ why: 'missing' });
  expect(result.none?.detail).toContain('unshare (util-linux)');
  expect(result.none?.detail).toContain('ip (iproute2)');
});
