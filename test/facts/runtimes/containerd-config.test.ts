import * as fc from 'fast-check';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readContainerdConfig } from '../../../src/facts/runtimes/containerd-config.ts';
import { rootedSystem } from '../../../src/system/rooted.ts';
import { parseToml } from '../../../src/values/toml.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seaworthy-containerd-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
const read = () => readContainerdConfig(rootedSystem(root));

test('no file', async () => {
  expect(await read()).toBeNull();
});

test('as Docker’s package writes it', async () => {
  write('/etc/containerd/config.toml', 'disabled_plugins = ["cri"]\n');
  expect(await read()).toMatchObject({ disabledPlugins: ['cri'], systemdCgroup: null, binDirs: null });
});

test('version 2, with a runtime handler of another name', async () => {
  write(
    '/etc/containerd/config.toml',
    `version = 2
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "/etc/cni/net.d"
[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "crun"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun.options]
SystemdCgroup = true
`,
  );
  expect(await read()).toMatchObject({ binDirs: ['/usr/lib/cni'], confDir: '/etc/cni/net.d', systemdCgroup: true });
});

test('version 3, and what it imports', async () => {
  write(
    '/etc/containerd/config.toml',
    `version = 3
imports = ["conf.d/*.toml", "/etc/containerd/config.toml"]
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ['/opt/cni/bin', '/usr/lib/cni']
use_internal_loopback = true
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
SystemdCgroup = false
`,
  );
  write(
    '/etc/containerd/conf.d/20.toml',
    "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\nSystemdCgroup = true\n",
  );
  write('/etc/containerd/conf.d/30.toml', 'this is no TOML');
  write('/etc/containerd/conf.d/40.conf', 'disabled_plugins = ["cri"]');
  expect(await read()).toEqual({
    files: ['/etc/containerd/config.toml', '/etc/containerd/conf.d/20.toml', '/etc/containerd/conf.d/30.toml'],
    broken: ['/etc/containerd/conf.d/30.toml'],
    disabledPlugins: [],
    systemdCgroup: true,
    confDir: null,
    binDirs: ['/opt/cni/bin', '/usr/lib/cni'],
    maxConfNum: null,
    internalLoopback: true,
  });
});

test('values of a wrong type are as if they were not there', async () => {
  write('/etc/containerd/config.toml', 'disabled_plugins = "cri"\nplugins = 7\nimports = {}\n');
  expect(await read()).toMatchObject({ disabledPlugins: [], broken: [] });
});

test('any text is TOML or none', async () => {
  await fc.assert(fc.asyncProperty(fc.string(), async (text) => void (await parseToml(text))));
  expect(await parseToml('a = '.concat('['.repeat(100_000)))).toBeNull();
});
