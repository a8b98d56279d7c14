import { spawn, type ChildProcess } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import check from '../../checks/host/container-runtime.ts';
import { finish } from '../../src/engine/finding.ts';
import { today } from '../../src/engine/waivers.ts';
import type { Node } from '../../src/engine/node.ts';
import containerRuntime from '../../src/facts/container-runtime.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { liveSystem } from '../../src/system/live.ts';
import { needLab } from './lab.ts';

interface Containerd {
  readonly socket: string;
  stop(): Promise<void>;
}

/** Starts a containerd without these plugins, and tells its socket. */
const containerdTest = test.extend('start', async ({ skip }, { onCleanup }) => {
  needLab(skip);
  const started: Containerd[] = [];
  onCleanup(async () => {
    for (const containerd of started) await containerd.stop();
  });
  return async (...disabled: readonly string[]) => {
    const containerd = await startContainerd(disabled);
    started.push(containerd);
    return containerd.socket;
  };
});

/** A containerd of its own: other root, state and sockets than the machine's. */
async function startContainerd(disabled: readonly string[]): Promise<Containerd> {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-containerd-'));
  for (const name of ['root', 'state', 'net.d', 'bin', 'opt']) mkdirSync(join(directory, name));
  const socket = join(directory, 'containerd.sock');
  writeFileSync(
    join(directory, 'config.toml'),
    `version = 2
root = "${directory}/root"
state = "${directory}/state"
disabled_plugins = ${JSON.stringify(disabled)}
[grpc]
  address = "${socket}"
[plugins."io.containerd.grpc.v1.cri".cni]
  conf_dir = "${directory}/net.d"
  bin_dir = "${directory}/bin"
[plugins."io.containerd.internal.v1.opt"]
  path = "${directory}/opt"
`,
  );
  const child = spawn('containerd', ['--config', join(directory, 'config.toml')], { stdio: 'ignore' });
  const containerd = {
    socket,
    stop: async () => {
      await end(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  for (let waited = 0; waited < 20_000 && child.exitCode === null; waited += 100) {
    if (statSync(socket, { throwIfNoEntry: false })?.isSocket() === true) return containerd;
    await sleep(100);
  }
  await containerd.stop();
  throw new Error(`containerd did not open its socket; it ended with ${child.exitCode}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await Promise.race([ended, sleep(5_000)]);
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}

const node: Node = {
  name: 'w1',
  self: true,
  roles: ['worker'],
  stage: 'fresh',
  kubernetesVersion: '1.36',
  versionFrom: 'default',
  addresses: [],
};

async function judge(criSocket: string, changes: Partial<Node> = {}) {
  const plan = { ...DEFAULTS, criSocket };
  const facts = {
    containerRuntime: await containerRuntime.read(liveSystem(), { plan, signal: AbortSignal.timeout(10_000) }),
    kubeletConfig: { unread: 'missing', detail: 'not read here' } as const,
  };
  const drafts = check.judge?.(facts, { node: { ...node, ...changes }, plan }) ?? [];
  return drafts.map((draft) => finish(check, [node], draft, { ignorePreflightErrors: [], waivers: [], day: today() }));
}

containerdTest('a real containerd answers, and tells that it has no pod network', async ({ start }) => {
  const socket = await start();
  const plan = { ...DEFAULTS, criSocket: socket };
  const { sockets } = await containerRuntime.read(liveSystem(), { plan, signal: AbortSignal.timeout(10_000) });
  const asked = sockets.find(({ path }) => path === socket);
  expect(asked).toMatchObject({
    present: true,
    runtime: 'containerd',
    answers: { outcome: 'answered', name: 'containerd' },
  });
  expect(asked?.answers?.version).toMatch(/^v?\d+\.\d+/);
  expect(asked?.answers?.conditions).toContainEqual(expect.objectContaining({ type: 'RuntimeReady', status: true }));
  expect(asked?.answers?.conditions).toContainEqual(expect.objectContaining({ type: 'NetworkReady', status: false }));
  expect((await judge(socket))[0]).toMatchObject({ reason: 'ready', status: 'pass', subject: socket });
  expect((await judge(socket, { stage: 'joined' }))[0]).toMatchObject({ reason: 'network-not-ready', status: 'warn' });
});

containerdTest('containerd with its CRI plugin disabled', async ({ start }) => {
  const socket = await start(
    'io.containerd.grpc.v1.cri',
    'io.containerd.cri.v1.runtime',
    'io.containerd.cri.v1.images',
  );
  expect(await judge(socket)).toMatchObject([{ reason: 'cri-disabled', status: 'fail', kubeadm: 'CRI' }]);
});

containerdTest('a socket that a killed containerd left behind', async ({ start }) => {
  const socket = await start();
  const stale = `${socket}.stale`;
  // A socket file whose owner has gone: bound, and closed without being removed.
  const server = createServer();
  await new Promise<void>((done) => server.listen(stale, done));
  linkSync(stale, `${stale}.left`);
  await new Promise((done) => server.close(done));
  expect(await judge(`${stale}.left`)).toMatchObject([{ reason: 'not-answering', status: 'fail' }]);
});
