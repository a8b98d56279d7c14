import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import nodeTraces from '../../src/facts/node-traces.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { hasJoined } from '../../src/kubernetes/joined.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { SystemError } from '../../src/system/system.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seaworthy-traces-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const read = () => nodeTraces.read(rootedSystem(root), { plan: DEFAULTS, signal: new AbortController().signal });

test('a machine that kubeadm never saw', async () => {
  const { files, manifests } = await read();
  expect(Object.values(files)).toEqual([false, false, false, false]);
  expect(manifests).toEqual([]);
});

test('files count, and links to files', async () => {
  mkdirSync(join(root, 'etc/kubernetes/manifests'), { recursive: true });
  writeFileSync(join(root, 'etc/kubernetes/kubelet.conf'), '');
  writeFileSync(join(root, 'etc/kubernetes/manifests/etcd.yaml'), '');
  writeFileSync(join(root, 'etc/kubernetes/manifests/etcd.yaml.bak'), '');
  symlinkSync('etcd.yaml', join(root, 'etc/kubernetes/manifests/linked.yaml'));
  symlinkSync('nowhere', join(root, 'etc/kubernetes/manifests/broken.yaml'));
  const { files, manifests } = await read();
  expect(files).toMatchObject({ '/etc/kubernetes/kubelet.conf': true, '/etc/kubernetes/admin.conf': false });
  expect(manifests).toEqual(['etcd.yaml', 'linked.yaml']);
});

test('the directory of manifests is hidden from all but root: what is beside it tells of a node', async () => {
  mkdirSync(join(root, 'etc/kubernetes'), { recursive: true });
  writeFileSync(join(root, 'etc/kubernetes/kubelet.conf'), '');
  const denied = () =>
    Promise.reject(new SystemError('denied', '/etc/kubernetes/manifests: permission denied', 'EACCES'));
  const system = { ...rootedSystem(root), listIfThere: denied };
  const readHidden = () => nodeTraces.read(system, { plan: DEFAULTS, signal: new AbortController().signal });
  const traces = await readHidden();
  expect(traces).toMatchObject({ manifests: [], manifestsHidden: true });
  expect(hasJoined(traces)).toBe(true);
  expect(traces.files).toMatchObject({
    '/etc/kubernetes/scheduler.conf': false,
    '/etc/kubernetes/pki/etcd/server.crt': false,
  });
  writeFileSync(join(root, 'etc/kubernetes/scheduler.conf'), '');
  expect((await readHidden()).files).toMatchObject({ '/etc/kubernetes/scheduler.conf': true });
  // Without it this may be a control plane whose manifests nobody sees: a peer holds no port there.
  rmSync(join(root, 'etc/kubernetes/kubelet.conf'));
  await expect(readHidden()).rejects.toMatchObject({ why: 'denied' });
});

test('what is hidden beside the manifests is left out, and tells of no worker', async () => {
  mkdirSync(join(root, 'etc/kubernetes'), { recursive: true });
  writeFileSync(join(root, 'etc/kubernetes/kubelet.conf'), '');
  const plain = rootedSystem(root);
  const denied = (path: string) => Promise.reject(new SystemError('denied', `${path}: permission denied`, 'EACCES'));
  const system = {
    ...plain,
    listIfThere: denied,
    status: (path: string) => (path.includes('/etcd/') ? denied(path) : plain.status(path)),
  };
  const { files } = await nodeTraces.read(system, { plan: DEFAULTS, signal: new AbortController().signal });
  expect(files).toHaveProperty(['/etc/kubernetes/scheduler.conf'], false);
  expect(files).not.toHaveProperty(['/etc/kubernetes/pki/etcd/server.crt']);
});

test('directories of their names do not', async () => {
  mkdirSync(join(root, 'etc/kubernetes/manifests/kube-apiserver.yaml'), { recursive: true });
  mkdirSync(join(root, 'etc/kubernetes/kubelet.conf'));
  const { files, manifests } = await read();
  expect(files).toMatchObject({ '/etc/kubernetes/kubelet.conf': false });
  expect(manifests).toEqual([]);
});
