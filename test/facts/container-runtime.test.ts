import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Http2Server } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import containerRuntime from '../../src/facts/container-runtime.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { liveSystem } from '../../src/system/live.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import type { System } from '../../src/system/system.ts';
import { writeMessage } from '../../src/values/protobuf.ts';

let directory = '';
let server: Http2Server | null = null;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'seaworthy-cri-'));
});
afterEach(() => {
  server?.close();
  server = null;
  rmSync(directory, { recursive: true });
});

/** A runtime that answers these methods and calls every other unimplemented; null never answers. */
async function serve(answers: Readonly<Record<string, Buffer>> | null): Promise<string> {
  const path = join(directory, 'crio.sock');
  const started = createServer();
  server = started;
  started.on('stream', (stream, headers) => {
    if (answers === null) return;
    const answer = answers[String(headers[':path']).replace('/runtime.v1.RuntimeService/', '')];
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': answer === undefined ? '12' : '0' }));
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(answer?.length ?? 0, 1);
    stream.end(answer === undefined ? undefined : Buffer.concat([prefix, answer]));
  });
  await new Promise<void>((done) => started.listen(path, done));
  return path;
}

async function read(criSocket: string | null, timeout = 5_000, system: System = liveSystem()) {
  const plan = { ...DEFAULTS, criSocket, timeout };
  const value = await containerRuntime.read(system, { plan, signal: AbortSignal.timeout(20_000) });
  expect(containerRuntime.schema().parse(value)).toEqual(value);
  return value;
}

const text = (value: string) => Buffer.from(value);
const version = writeMessage([
  [1, text('0.1.0')],
  [2, text('cri-o')],
  [3, text('1.34.0')],
  [4, text('v1')],
]);
const condition = (type: string, status: bigint) =>
  writeMessage([
    [1, text(type)],
    [2, status],
    [3, text('Because')],
    [4, text('message')],
  ]);
const status = writeMessage([
  [
    1,
    writeMessage([
      [1, condition('RuntimeReady', 1n)],
      [1, condition('NetworkReady', 0n)],
    ]),
  ],
]);

test('what a runtime tells', async () => {
  const path = await serve({ Version: version, Status: status, RuntimeConfig: writeMessage([[1, writeMessage([])]]) });
  const { asked, sockets } = await read(`unix://${path}`);
  expect(asked).toBe(true);
  expect(sockets[0]).toEqual({
    path,
    runtime: 'cri-o',
    present: true,
    answers: {
      outcome: 'answered',
      detail: null,
      name: 'cri-o',
      version: '1.34.0',
      legacy: false,
      conditions: [
        { type: 'RuntimeReady', status: true, reason: 'Because', message: 'message' },
        { type: 'NetworkReady', status: false, reason: 'Because', message: 'message' },
      ],
      cgroupDriver: 'systemd',
      runtimeConfig: 'answered',
    },
  });
});

test('the other cgroup driver, and one that is not told', async () => {
  const path = await serve({ Version: version, RuntimeConfig: writeMessage([[1, writeMessage([[1, 1n]])]]) });
  expect((await read(path)).sockets[0]?.answers).toMatchObject({ cgroupDriver: 'cgroupfs', conditions: [] });
  server?.close();
  const old = await serve({ Version: version });
  expect((await read(old)).sockets[0]?.answers).toMatchObject({ cgroupDriver: null, runtimeConfig: 'unimplemented' });
});

test('no CRI, silence, no gRPC, nobody', async () => {
  const path = await serve({});
  expect((await read(path)).sockets[0]?.answers).toMatchObject({ outcome: 'unimplemented', legacy: false });
  server?.close();
  const legacy = await serve({ '/runtime.v1alpha2.RuntimeService/Version': version });
  expect((await read(legacy)).sockets[0]?.answers).toMatchObject({ outcome: 'unimplemented', legacy: true });
  server?.close();
  const silent = await serve(null);
  expect((await read(silent, 300)).sockets[0]?.answers).toMatchObject({ outcome: 'timed-out' });
  expect((await read(join(directory, 'none.sock'))).sockets[0]).toMatchObject({ present: false, answers: null });
  writeFileSync(join(directory, 'file.sock'), '');
  expect((await read(join(directory, 'file.sock'))).sockets[0]).toMatchObject({ present: false, answers: null });
});

test('junk instead of a message', async () => {
  const path = await serve({ Version: Buffer.from('ffffffff', 'hex') });
  expect((await read(path)).sockets[0]?.answers).toMatchObject({ outcome: 'failed' });
});

test('a directory: its files are read, its sockets are not asked', async () => {
  mkdirSync(join(directory, 'var/lib/kubelet'), { recursive: true });
  mkdirSync(join(directory, 'etc/containerd'), { recursive: true });
  writeFileSync(
    join(directory, 'var/lib/kubelet/config.yaml'),
    'containerRuntimeEndpoint: unix:///var/run/containerd/containerd.sock\n',
  );
  writeFileSync(join(directory, 'etc/containerd/config.toml'), 'disabled_plugins = ["cri"]\n');
  const value = await read(null, 5_000, rootedSystem(directory));
  expect(value).toMatchObject({
    asked: false,
    kubeletEndpoint: 'unix:///var/run/containerd/containerd.sock',
    containerd: { disabledPlugins: ['cri'] },
  });
  expect(value.sockets.map(({ path }) => path)).toEqual([
    '/var/run/containerd/containerd.sock',
    '/run/crio/crio.sock',
    '/run/cri-dockerd.sock',
  ]);
});

test('an argument of the kubelet wins over its configuration', async () => {
  mkdirSync(join(directory, 'var/lib/kubelet'), { recursive: true });
  writeFileSync(join(directory, 'var/lib/kubelet/config.yaml'), 'containerRuntimeEndpoint: unix:///a.sock\n');
  writeFileSync(
    join(directory, 'var/lib/kubelet/kubeadm-flags.env'),
    'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///b.sock"\n',
  );
  expect((await read(null, 5_000, rootedSystem(directory))).kubeletEndpoint).toBe('unix:///b.sock');
});
