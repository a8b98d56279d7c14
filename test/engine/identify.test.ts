import { expect, test } from 'vitest';
import { identify, type IdentityFacts } from '../../src/engine/identify.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import { ROLE_FILES } from '../../src/kubernetes/role-files.ts';
import type { Settings } from '../../src/plan/settings.ts';
import { planWith } from './given.ts';

const NOTHING: IdentityFacts = {
  hostname: null,
  nodeTraces: null,
  interfaces: null,
  routes: null,
  staticPods: null,
  kubelet: null,
};

const nodeByKubeadm = (facts: Partial<IdentityFacts>, said: Partial<Settings>) => {
  const plan = planWith(said);
  const origins = { ...plan.origins, role: 'kubeadm configuration' as const };
  return identify({ ...NOTHING, ...facts }, { ...plan, origins }, { self: true }, 'node-1');
};

const nodeOf = (facts: Partial<IdentityFacts>, said: Partial<Settings> = {}) =>
  identify({ ...NOTHING, ...facts }, planWith(said), { self: true }, 'node-1');

const traces = (manifests: readonly string[], files: readonly string[] = []): Facts['nodeTraces'] => ({
  files: Object.fromEntries(files.map((file) => [file, true])),
  manifests: [...manifests],
});

const JOINED = traces([], ['/etc/kubernetes/kubelet.conf']);

test('a machine of which nothing was read', () => {
  expect(nodeOf({})).toEqual({
    name: 'node-1',
    self: true,
    roles: ['any'],
    stage: 'fresh',
    kubernetesVersion: '1.36',
    versionFrom: 'default',
    addresses: [],
  });
});

test.each([
  ['nothing', traces([]), 'fresh', ['any']],
  ['a manifest of kube-vip', traces(['kube-vip.yaml']), 'fresh', ['any']],
  ['kube-vip and a file of kubeadm’s own', traces(['kube-vip.yaml', 'kube-scheduler.yaml']), 'joined', ['worker']],
  ['kubelet.conf', JOINED, 'joined', ['worker']],
  ['admin.conf', traces([], ['/etc/kubernetes/admin.conf']), 'joined', ['control-plane']],
  ['the start of a join', traces([], ['/etc/kubernetes/bootstrap-kubelet.conf']), 'fresh', ['any']],
  ['a CA alone', traces([], ['/etc/kubernetes/pki/ca.crt']), 'fresh', ['any']],
  ['a control plane', traces(['etcd.yaml', 'kube-apiserver.yaml']), 'joined', ['control-plane']],
  ['a member of an external etcd', traces(['etcd.yaml']), 'joined', ['etcd']],
])('stage and role of a machine that has %s', (_, nodeTraces, stage, roles) => {
  expect(nodeOf({ nodeTraces })).toMatchObject({ stage, roles });
});

test.each([
  ['a control plane without admin.conf', { 'controller-manager.conf': true }, ['control-plane']],
  [
    'one that has the last of its files alone',
    { 'controller-manager.conf': false, 'scheduler.conf': true },
    ['control-plane'],
  ],
  ['a member of etcd', { 'pki/etcd/server.crt': true }, ['etcd']],
  ['a worker', {}, ['worker']],
  ['who knows what, where etcd’s directory is hidden too', { 'pki/etcd/server.crt': undefined }, ['any']],
])('role of a node whose manifests are hidden: %s', (_, seen, roles) => {
  const is = new Map<string, boolean | undefined>(Object.entries(seen));
  const files = ROLE_FILES.flatMap(([path]) => {
    const name = path.replace('/etc/kubernetes/', '');
    const found = is.has(name) ? is.get(name) : false;
    return found === undefined ? [] : [[path, found] as const];
  });
  const nodeTraces = {
    ...JOINED,
    files: { ...JOINED.files, ...Object.fromEntries(files) },
    manifestsHidden: true as const,
  };
  expect(nodeOf({ nodeTraces })).toMatchObject({ stage: 'joined', roles });
});

test('of a node whose manifests are hidden, saved before the other files were looked for, nobody knows the role', () => {
  expect(nodeOf({ nodeTraces: { ...JOINED, manifestsHidden: true } })).toMatchObject({
    stage: 'joined',
    roles: ['any'],
  });
});

test('who says that it joins has not joined, whatever an earlier cluster left', () => {
  const said = { stage: 'fresh', role: ['worker'] } as const;
  expect(nodeOf({ nodeTraces: JOINED }, said)).toMatchObject({ stage: 'fresh', roles: ['worker'] });
});

test('the role of a ClusterConfiguration yields to what a joined node became, and to nothing else', () => {
  const role = ['control-plane'] as const;
  expect(nodeByKubeadm({ nodeTraces: JOINED }, { role })).toMatchObject({ stage: 'joined', roles: ['worker'] });
  expect(nodeByKubeadm({ nodeTraces: traces([]) }, { role })).toMatchObject({ stage: 'fresh', roles: role });
  expect(nodeByKubeadm({ nodeTraces: traces([]) }, { role, stage: 'joined' })).toMatchObject({ roles: role });
  expect(nodeByKubeadm({ nodeTraces: JOINED }, { role, stage: 'fresh' })).toMatchObject({ roles: role });
  expect(nodeByKubeadm({}, { role })).toMatchObject({ roles: role });
  expect(nodeOf({ nodeTraces: JOINED }, { role })).toMatchObject({ roles: role });
});

const program = (version: string | null) => ({ path: '/usr/bin/program', version, problem: null });
const programs = (kubelet: string | null, kubeadm: string | null): Facts['kubelet'] => ({
  kubelet: program(kubelet),
  kubeadm: program(kubeadm),
  unit: null,
  otherProcesses: 'shown',
});
const server = (version: string | null): Facts['staticPods'] => ({
  components: [
    { name: 'etcd', version: '3.6.4-0', flags: {} },
    { name: 'kube-apiserver', version, flags: {} },
  ],
  broken: [],
});

test.each<[string, Partial<IdentityFacts>, string, string]>([
  ['a fresh node', { kubelet: programs('1.34.1', '1.35.2') }, '1.35', 'kubeadm'],
  ['a fresh node without kubeadm', { kubelet: programs('1.34.1', null) }, '1.34', 'kubelet'],
  ['a fresh node whose programs were not run', { kubelet: programs(null, null) }, '1.36', 'default'],
  ['a fresh node with manifests', { staticPods: server('1.33.0') }, '1.36', 'default'],
  ['a worker', { nodeTraces: JOINED, kubelet: programs('1.34.1', '1.35.2') }, '1.34', 'kubelet'],
  ['a worker whose kubelet is not shown', { nodeTraces: JOINED, kubelet: programs(null, '1.35.2') }, '1.36', 'default'],
  [
    'a control plane whose kubelet lags behind',
    { nodeTraces: JOINED, staticPods: server('1.35.2'), kubelet: programs('1.34.1', '1.35.2') },
    '1.35',
    'kube-apiserver',
  ],
  [
    'a control plane whose image has no version',
    { nodeTraces: JOINED, staticPods: server('latest'), kubelet: programs('1.34.1', '1.35.2') },
    '1.34',
    'kubelet',
  ],
])('the version of %s', (_, facts, kubernetesVersion, versionFrom) => {
  expect(nodeOf(facts)).toMatchObject({ kubernetesVersion, versionFrom });
  expect(nodeOf(facts, { kubernetesVersion: '1.30' })).toMatchObject({
    kubernetesVersion: '1.30',
    versionFrom: 'said',
  });
});

const eth0: Facts['interfaces']['interfaces'][number] = {
  name: 'eth0',
  index: 2,
  up: true,
  carrier: true,
  loopback: false,
  kind: 'physical',
  master: null,
  parent: null,
  mac: null,
  addressAssignType: null,
  mtu: 1500,
  virtualFunction: false,
  addresses: [
    { address: 'fe80::1', prefix: 64, family: 6 },
    { address: '2001:db8::7', prefix: 64, family: 6 },
    { address: '10.0.0.7', prefix: 24, family: 4 },
    { address: '10.0.0.8', prefix: 24, family: 4 },
  ],
};
const interfaces = { interfaces: [eth0] };
const routes = (...destinations: ['0.0.0.0/0' | '::/0', 4 | 6][]): Facts['routes'] => ({
  routes: destinations.map(([destination, family]) => ({
    family,
    destination,
    gateway: null,
    interface: 'eth0',
    metric: 100,
  })),
});

test('addresses: one for each family with a default route, and words of the user win', () => {
  expect(nodeOf({ interfaces, routes: routes() }).addresses).toEqual([]);
  expect(nodeOf({ interfaces, routes: routes(['0.0.0.0/0', 4]) }).addresses).toEqual(['10.0.0.7']);
  const both = { interfaces, routes: routes(['::/0', 6], ['0.0.0.0/0', 4]) };
  expect(nodeOf(both).addresses).toEqual(['10.0.0.7', '2001:db8::7']);
  expect(nodeOf(both, { advertiseAddress: '10.0.0.8' }).addresses).toEqual(['10.0.0.8']);
  expect(nodeOf(both, { nodeIp: ['10.9.9.9'], advertiseAddress: '10.0.0.8' }).addresses).toEqual(['10.9.9.9']);
  expect(nodeOf({ interfaces }).addresses).toEqual([]);
});
