import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import cniPlugins from '../../src/facts/cni-plugins.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import type { Settings } from '../../src/plan/settings.ts';
import { liveSystem } from '../../src/system/live.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import type { System } from '../../src/system/system.ts';

let directory = '';
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'seaworthy-cni-')));
  for (const name of ['bin', 'net.d']) mkdirSync(join(directory, name));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const plan = (): Settings => ({
  ...DEFAULTS,
  cniConfDir: join(directory, 'net.d'),
  cniBinDir: join(directory, 'bin'),
  criSocket: '/run/containerd/containerd.sock',
});

async function read(system: System = liveSystem(), settings = plan()) {
  const value = await cniPlugins.read(system, { plan: settings, signal: AbortSignal.timeout(20_000) });
  expect(cniPlugins.schema().parse(value)).toEqual(value);
  return value;
}

function plugin(name: string, script: string, mode = 0o755): void {
  writeFileSync(join(directory, 'bin', name), script);
  chmodSync(join(directory, 'bin', name), mode);
}
const answers = (...versions: string[]) =>
  `#!/bin/sh\ntouch "$0.ran"\necho '${JSON.stringify({ cniVersion: '1.1.0', supportedVersions: versions })}'\n`;
const network = (...plugins: object[]) =>
  writeFileSync(join(directory, 'net.d/10.conflist'), JSON.stringify({ cniVersion: '1.0.0', name: 'n', plugins }));

test('every plugin of the chain, what it calls, and loopback', async () => {
  network({ type: 'flannel', ipam: { type: 'host-local' } }, { type: 'portmap' });
  for (const name of ['flannel', 'bridge', 'host-local']) plugin(name, answers('0.4.0', '1.0.0'));
  mkdirSync(join(directory, 'bin/portmap'));
  const { chain, plugins } = await read();
  expect(chain).toEqual({ file: '10.conflist', network: 'n', version: '1.0.0' });
  expect(plugins.map(({ type, role, answer }) => [type, role, answer?.kind ?? null])).toEqual([
    ['flannel', 'plugin', 'supports'],
    ['portmap', 'plugin', null],
    ['host-local', 'ipam', 'supports'],
    ['bridge', 'delegate', 'supports'],
    ['loopback', 'loopback', null],
  ]);
  expect(plugins[1]).toMatchObject({ path: null, other: `${directory}/bin/portmap is a directory` });
});

test('one that hangs does not hold up the others', async () => {
  network({ type: 'hang' }, { type: 'good' }, { type: 'plain' });
  plugin('hang', '#!/bin/sh\nsleep 60\n');
  plugin('good', answers('1.0.0'));
  plugin('plain', answers('1.0.0'), 0o644);
  const { plugins } = await read(liveSystem(), { ...plan(), timeout: 1_000 });
  expect(plugins.map(({ answer }) => answer)).toEqual([
    { kind: 'timed-out' },
    { kind: 'supports', versions: ['1.0.0'] },
    { kind: 'not-run', why: 'not-executable', detail: null },
    null,
  ]);
});

test('nothing is run that others can write, or from where they can', async () => {
  network({ type: 'open' }, { type: 'good' }, { type: 'linked' });
  plugin('open', answers('1.0.0'), 0o757);
  plugin('good', answers('1.0.0'));
  mkdirSync(join(directory, 'loose'));
  chmodSync(join(directory, 'loose'), 0o777);
  writeFileSync(join(directory, 'loose/linked'), answers('1.0.0'), { mode: 0o755 });
  symlinkSync('../loose/linked', join(directory, 'bin/linked'));
  const first = await read();
  expect(first.plugins.map(({ answer }) => answer)).toMatchObject([
    { kind: 'not-run', why: 'writable-by-others', detail: `${directory}/bin/open` },
    { kind: 'supports' },
    { kind: 'not-run', why: 'writable-by-others', detail: `${directory}/loose` },
    null,
  ]);
  chmodSync(join(directory, 'bin'), 0o777);
  const second = await read();
  expect(second.directories[0]?.writableByOthers).toBe(`${directory}/bin`);
  expect(second.plugins.slice(0, 3).every(({ answer }) => answer?.kind === 'not-run')).toBe(true);
  const ran = second.directories[0]?.plugins.filter((name) => name.endsWith('.ran'));
  expect(ran).toEqual(['good.ran']);
});

test('a directory: what is there is told, nothing runs', async () => {
  network({ type: 'good' });
  plugin('good', answers('1.0.0'));
  mkdirSync(join(directory, 'etc/cni'), { recursive: true });
  const settings = { ...DEFAULTS, cniConfDir: '/net.d', cniBinDir: '/bin', criSocket: '/run/crio/crio.sock' };
  const { live, runtime, plugins, directories } = await read(rootedSystem(directory), settings);
  expect({ live, runtime }).toEqual({ live: false, runtime: 'cri-o' });
  expect(plugins[0]?.answer).toEqual({ kind: 'not-run', why: 'root', detail: null });
  expect(directories).toMatchObject([{ path: '/bin', real: '/bin', plugins: ['good'], writableByOthers: null }]);
});

test('the directory that the user names, and that of the runtime where nobody names one', async () => {
  mkdirSync(join(directory, 'etc/containerd'), { recursive: true });
  const config = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".cni]\nbin_dir = "/usr/lib/cni"\n';
  writeFileSync(join(directory, 'etc/containerd/config.toml'), config);
  const places = async (cniBinDir: string | null) => {
    const { planned, directories } = await read(rootedSystem(directory), { ...DEFAULTS, cniBinDir });
    return [planned, directories.map(({ path }) => path)];
  };
  expect(await places(null)).toEqual(['/opt/cni/bin', ['/usr/lib/cni']]);
  expect(await places('/opt/cni/bin')).toEqual(['/opt/cni/bin', ['/opt/cni/bin']]);
});

test('no network and no plugins', async () => {
  rmSync(join(directory, 'bin'), { recursive: true });
  const { choice, chain, directories } = await read();
  expect({ choice, chain }).toEqual({ choice: 'none', chain: null });
  expect(directories).toMatchObject([{ real: null, plugins: [] }]);
});
