import { afterAll, afterEach, expect, test } from 'vitest';
import { clusterClient, type ClusterClient } from '../../src/cluster/client.ts';
import { accessOf } from '../../src/cluster/connect.ts';
import { readNetworks } from '../../src/cluster/networks.ts';
import { listNodes } from '../../src/cluster/nodes.ts';
import { listPods } from '../../src/cluster/pods.ts';
import { listPolicies } from '../../src/cluster/policies.ts';
import { liveSystem } from '../../src/system/live.ts';
import { apiServer, authority, removeAuthority, type ApiServerOptions } from './api-server.ts';
import { base64, kubeconfig, removeDirectories } from './kubeconfigs.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  removeDirectories();
});
afterAll(removeAuthority);

async function clientOf(options: ApiServerOptions): Promise<ClusterClient> {
  const server = await apiServer(options);
  const file = kubeconfig({ server: server.url, 'certificate-authority-data': base64(authority().cert) }, {});
  const client = clusterClient({ system: liveSystem(), access: await accessOf(liveSystem(), file), timeoutMs: 5_000 });
  closing.push(
    () => server.close(),
    () => client.close(),
  );
  return client;
}

const signal = () => AbortSignal.timeout(10_000);

test('nodes of which not all are told are unread: who is missing may well be there', async () => {
  const client = await clientOf({
    paths: {},
    odd: (_request, response) => {
      response.end(JSON.stringify({ metadata: { continue: 'more' }, items: [] }));
      return true;
    },
  });
  await expect(listNodes(client, signal())).rejects.toMatchObject({ why: 'error', code: 'nodes-without-end' });
});

test('nodes: roles, addresses, networks and condition, of a control plane, of a new node, and of one that is bare', async () => {
  const client = await clientOf({
    paths: {
      '/api/v1/nodes': [
        {
          metadata: {
            name: 'cp1',
            labels: { 'node-role.kubernetes.io/control-plane': '', 'kubernetes.io/os': 'linux' },
          },
          spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24', 'fd00::/64'] },
          status: {
            addresses: [
              { type: 'InternalIP', address: '10.0.0.11' },
              { type: 'Hostname', address: 'cp1' },
            ],
            conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'fine' }],
            nodeInfo: { kubeletVersion: 'v1.36.2', machineID: 'abc' },
          },
        },
        {
          metadata: { name: 'w1', deletionTimestamp: '2026-01-01T00:00:00Z' },
          spec: { podCIDR: '10.244.1.0/24' },
          status: {
            conditions: [
              { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting.' },
            ],
          },
        },
        { metadata: { name: 'w2' } },
      ],
    },
  });
  expect(await listNodes(client, signal())).toEqual([
    {
      name: 'cp1',
      roles: ['control-plane'],
      internalIps: ['10.0.0.11'],
      podCidrs: ['10.244.0.0/24', 'fd00::/64'],
      ready: 'True',
      readyWhy: null,
      kubeletVersion: 'v1.36.2',
      machineId: 'abc',
      deleting: false,
    },
    expect.objectContaining({
      podCidrs: ['10.244.1.0/24'],
      ready: 'Unknown',
      readyWhy: 'NodeStatusUnknown: Kubelet stopped posting.',
      deleting: true,
    }),
    expect.objectContaining({
      name: 'w2',
      roles: [],
      internalIps: [],
      podCidrs: [],
      ready: null,
      kubeletVersion: null,
    }),
  ]);
});

test('pods: those with a network of their own, a few of each node, DNS first', async () => {
  const pod = (
    name: string,
    more: { labels?: object; ports?: object[]; spec?: object; ready?: string; ip?: string | null } = {},
  ) => ({
    metadata: { namespace: 'default', name, labels: more.labels },
    spec: { nodeName: 'w1', containers: [{ ports: more.ports ?? [{ containerPort: 80 }] }], ...more.spec },
    status: {
      podIP: more.ip === undefined ? '10.244.1.5' : more.ip,
      conditions: [{ type: 'Ready', status: more.ready ?? 'True' }],
    },
  });
  const client = await clientOf({
    paths: {
      '/api/v1/pods': [
        ...Array.from({ length: 20 }, (_, index) => pod(`web-${index}`)),
        pod('host', { spec: { hostNetwork: true } }),
        pod('pending', { spec: { nodeName: null } }),
        pod('starting', { ip: null }),
        pod('udp', { ports: [{ containerPort: 53, protocol: 'UDP' }] }),
        pod('unready', { ready: 'False' }),
        pod('dns', {
          labels: { 'k8s-app': 'kube-dns' },
          ports: [
            { containerPort: 53, protocol: 'UDP' },
            { containerPort: 53, protocol: 'TCP' },
          ],
        }),
      ],
    },
  });
  const { pods, complete } = await listPods(client, signal());
  expect(complete).toBe(true);
  expect(pods.map(({ name }) => name)).toEqual(['dns', ...Array.from({ length: 15 }, (_, index) => `web-${index}`)]);
  expect(pods[0]).toEqual({
    namespace: 'default',
    name: 'dns',
    node: 'w1',
    addresses: ['10.244.1.5'],
    ready: true,
    ports: [53],
    labels: { 'k8s-app': 'kube-dns' },
  });
});

const KUBEADM =
  'networking:\n  podSubnet: 10.244.0.0/16,fd00:10::/56\n  serviceSubnet: 10.96.0.0/12\ncontrolPlaneEndpoint: api.example.org:6443\n';
const EVERYTHING: ApiServerOptions['paths'] = {
  '/version': { gitVersion: 'v1.33.1' },
  '/apis/networking.k8s.io/v1/servicecidrs': [
    { spec: { cidrs: ['10.96.0.0/12'] } },
    { spec: { cidrs: ['10.112.0.0/16'] } },
  ],
  '/api/v1/namespaces/default/services/kubernetes': { spec: { clusterIP: '10.96.0.1' } },
  '/api/v1/namespaces/kube-system/configmaps/kubeadm-config': { data: { ClusterConfiguration: KUBEADM } },
};

test('networks come from ServiceCIDR objects and from what kubeadm keeps', async () => {
  expect(await readNetworks(await clientOf({ paths: EVERYTHING }), signal())).toEqual({
    version: 'v1.33.1',
    apiServerIps: ['10.96.0.1'],
    serviceCidrs: ['10.96.0.0/12', '10.112.0.0/16'],
    podCidrs: ['10.244.0.0/16', 'fd00:10::/56'],
    controlPlaneEndpoint: 'api.example.org:6443',
    unread: [],
  });
});

test('a server that was built without a version tells none', async () => {
  const paths = { '/version': { gitVersion: 'v0.0.0-master+$Format:%H$' } };
  expect((await readNetworks(await clientOf({ paths }), signal())).version).toBe('');
});

test('a cluster of an older version has no ServiceCIDR, and one that kubeadm did not make no configuration', async () => {
  const { '/apis/networking.k8s.io/v1/servicecidrs': _, ...older } = EVERYTHING;
  const { serviceCidrs, unread } = await readNetworks(await clientOf({ paths: older }), signal());
  expect([serviceCidrs, unread]).toEqual([['10.96.0.0/12'], []]);
  const bare = await readNetworks(await clientOf({ paths: { '/version': { gitVersion: 'v1.20.2' } } }), signal());
  expect(bare).toEqual({
    version: 'v1.20.2',
    apiServerIps: [],
    serviceCidrs: [],
    podCidrs: [],
    controlPlaneEndpoint: null,
    unread: [],
  });
});

test('what may not be read is left out, and the rule that allows it is named', async () => {
  const config = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config';
  const { podCidrs, unread } = await readNetworks(await clientOf({ paths: EVERYTHING, forbidden: [config] }), signal());
  expect(podCidrs).toEqual([]);
  expect(unread).toEqual([
    expect.stringMatching(/resources: \["configmaps"\], verbs: \["get"\], resourceNames: \["kubeadm-config"\]/),
  ]);
});

test('policies: what they select and what they are about; of those of add-ons only whether there are any', async () => {
  const calico = '/apis/crd.projectcalico.org/v1/globalnetworkpolicies';
  const spec = {
    podSelector: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
  };
  const paths = {
    '/apis/networking.k8s.io/v1/networkpolicies': [
      { metadata: { namespace: 'a', name: 'plain' }, spec },
      { metadata: { namespace: 'a', name: 'rules' }, spec: { podSelector: {}, egress: [{}] } },
      { metadata: { namespace: 'a', name: 'out' }, spec: { podSelector: {}, policyTypes: ['Egress'] } },
    ],
    '/apis/cilium.io/v2/ciliumnetworkpolicies': [],
    '/apis/policy.networking.k8s.io/v1alpha1/adminnetworkpolicies': [{ metadata: { name: 'x' } }],
  };
  const { policies, others } = await listPolicies(await clientOf({ paths, forbidden: [calico] }), signal());
  expect(policies[0]).toEqual({
    namespace: 'a',
    name: 'plain',
    matchLabels: { app: 'web' },
    matchExpressions: [{ key: 'tier', operator: 'Exists', values: [] }],
    ingress: true,
    egress: false,
  });
  expect(policies.map(({ name, ingress, egress }) => [name, ingress, egress])).toEqual([
    ['plain', true, false],
    ['rules', true, true],
    ['out', false, true],
  ]);
  // What may not be read may be there.
  expect(others).toEqual([
    'globalnetworkpolicies.crd.projectcalico.org',
    'adminnetworkpolicies.policy.networking.k8s.io',
  ]);
});
