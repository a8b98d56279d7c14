import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import cniFiles from '../../src/facts/cni-files.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { rootedSystem } from '../../src/system/rooted.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seaworthy-root-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function read(plan = {}) {
  const value = await cniFiles.read(rootedSystem(root), {
    plan: { ...DEFAULTS, ...plan },
    signal: new AbortController().signal,
  });
  expect(cniFiles.schema().parse(value)).toEqual(value);
  return value;
}

test('a machine without a network', async () => {
  expect(await read()).toEqual({
    runtime: null,
    directory: '/etc/cni/net.d',
    present: false,
    runtimeDirectory: null,
    files: [],
    choices: { containerd: { outcome: 'none', file: null }, crio: { outcome: 'none', file: null } },
  });
});

test('what a file says, and a broken one before it', async () => {
  write('/var/lib/kubelet/config.yaml', 'containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n');
  write('/etc/cni/net.d/05-empty.conflist', '');
  write(
    '/etc/cni/net.d/10-kl.conflist',
    `{"cniVersion":"1.0.0","name":"klnet","plugins":[
 {"type":"bridge","bridge":"cni0","isGateway":true,"ipMasq":false,"hairpinMode":true,"mtu":1500,"ipam":{"type":"host-local","ranges":[[{"subnet":"10.245.2.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
 {"type":"portmap","capabilities":{"portMappings":true}}]}`,
  );
  write('/etc/cni/net.d/10-kl.conflist.bak', 'not looked at');
  const { runtime, files, choices } = await read();
  expect(runtime).toBe('containerd');
  expect(files).toEqual([
    { name: '05-empty.conflist', state: 'broken', problem: 'it is empty', network: null },
    {
      name: '10-kl.conflist',
      state: 'valid',
      problem: null,
      network: {
        name: 'klnet',
        cniVersion: '1.0.0',
        cniVersions: null,
        version: '1.0.0',
        siblings: [],
        plugins: [
          {
            type: 'bridge',
            ipam: 'host-local',
            bridge: 'cni0',
            mtu: 1500,
            isGateway: true,
            ipMasq: false,
            capabilities: [],
            subnets: ['10.245.2.0/24'],
          },
          {
            type: 'portmap',
            ipam: null,
            bridge: null,
            mtu: null,
            isGateway: null,
            ipMasq: null,
            capabilities: ['portMappings'],
            subnets: [],
          },
        ],
      },
    },
  ]);
  expect(choices).toEqual({
    containerd: { outcome: 'broken', file: '05-empty.conflist' },
    crio: { outcome: 'wins', file: '10-kl.conflist' },
  });
});

test('settings of a wrong type are passed over, and nothing long is kept', async () => {
  const plugins = [{ type: 'x'.repeat(5_000), bridge: 7, mtu: '1500', ipam: { subnet: ['a'], ranges: 'b' } }];
  write('/etc/cni/net.d/1.conflist', JSON.stringify({ name: 'n', plugins }));
  const { files } = await read();
  expect(files[0]?.network?.plugins).toMatchObject([{ type: 'x'.repeat(128), bridge: null, mtu: null, subnets: [] }]);
});

test('the directory that containerd is configured with, unless another one is named', async () => {
  write(
    '/etc/containerd/config.toml',
    'version = 2\n[plugins."io.containerd.grpc.v1.cri".cni]\nconf_dir = "/srv/net.d/"\nmax_conf_num = 2\n',
  );
  write('/srv/net.d/1.conflist', '{"name":"n","plugins":[{"type":"a"}]}');
  write('/srv/net.d/2.conflist', '{');
  const { directory, runtimeDirectory, choices } = await read();
  expect({ directory, runtimeDirectory }).toEqual({ directory: '/srv/net.d', runtimeDirectory: '/srv/net.d' });
  expect(choices.containerd).toEqual({ outcome: 'broken', file: '2.conflist' });
  // Also where it is what add-ons go by anyhow.
  for (const cniConfDir of ['/etc/net', '/etc/cni/net.d'])
    expect(await read({ cniConfDir })).toMatchObject({ directory: cniConfDir, runtimeDirectory: '/srv/net.d' });
});

test('CRI-O with a network of its own choice', async () => {
  write('/etc/crio/crio.conf', '[crio.network]\nnetwork_dir = "/etc/cni/net.d"\n');
  write('/etc/crio/crio.conf.d/10-net.conf', '[crio.network]\ncni_default_network = "two"\n');
  write('/etc/cni/net.d/1.conflist', '{"name":"one","plugins":[{"type":"a"}]}');
  write('/etc/cni/net.d/2.conflist', '{"name":"two","plugins":[{"type":"a"}]}');
  expect(await read()).toMatchObject({ runtime: 'cri-o', choices: { crio: { outcome: 'wins', file: '2.conflist' } } });
});
