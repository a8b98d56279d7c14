import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import kubeletConfig from '../../src/facts/kubelet-config.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { rootedSystem } from '../../src/system/rooted.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'seaworthy-'));
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const read = () => kubeletConfig.read(rootedSystem(root), { plan: DEFAULTS, signal: new AbortController().signal });

test('no kubelet was ever configured here', async () => {
  expect(await read()).toMatchObject({ present: false, failSwapOn: null, flags: {}, extraFlags: {} });
});

test('what is judged is kept, and nothing else', async () => {
  await put(
    '/var/lib/kubelet/config.yaml',
    `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}}
cgroupDriver: systemd
failSwapOn: no
memorySwap: {swapBehavior: LimitedSwap}
clusterDNS: [10.96.0.10]
evictionHard: {nodefs.available: "1%", memory.available: "50Mi"}
resolvConf: ""
healthzPort: 10248
`,
  );
  await put('/var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.1"\n');
  await put('/etc/default/kubelet', 'KUBELET_EXTRA_ARGS=--node-ip=10.0.0.2\n');
  const value = await read();
  expect(value).toMatchObject({
    present: true,
    cgroupDriver: 'systemd',
    failSwapOn: false,
    memorySwapBehavior: 'LimitedSwap',
    clusterDNS: ['10.96.0.10'],
    evictionHard: { 'nodefs.available': '1%', 'memory.available': '50Mi' },
    resolvConf: '',
    healthzPort: 10_248,
    flags: { 'node-ip': '10.0.0.2' },
    extraFlags: { 'node-ip': '10.0.0.2' },
  });
  expect(JSON.stringify(value)).not.toContain('pki');
  expect(kubeletConfig.schema().parse(value)).toEqual(value);
});

test('a member of the wrong type is as if it were not there', async () => {
  await put('/var/lib/kubelet/config.yaml', 'failSwapOn: [1]\ncgroupDriver: 7\nmemorySwap: x\nevictionHard: 3\n');
  expect(await read()).toMatchObject({
    present: true,
    failSwapOn: null,
    cgroupDriver: null,
    memorySwapBehavior: null,
    evictionHard: null,
  });
});

test('an empty file is a configuration without members', async () => {
  await put('/var/lib/kubelet/config.yaml', '');
  expect(await read()).toMatchObject({ present: true, failSwapOn: null });
});

const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n`;

test.each([
  ['binary junk', '\u0000\u0001\uFFFD: [}'],
  ['a list', '- a\n- b\n'],
  ['a word', 'nothing'],
  ['two documents', 'a: 1\n---\nb: 2\n'],
  ['nesting deeper than the stack', '['.repeat(100_000)],
  ['an alias bomb', bomb],
  ['10 MB', `a: ${'x'.repeat(10_000_000)}`],
])('%s is an error of the machine', async (_name, text) => {
  await put('/var/lib/kubelet/config.yaml', text);
  await expect(read()).rejects.toMatchObject({ name: 'SystemError', why: 'error' });
});
