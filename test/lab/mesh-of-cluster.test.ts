import { expect } from 'vitest';
import { reportSchema, type Report } from '../../src/report/schema.ts';
import { KUBECONFIG, serveApi } from './api.ts';
import { labTest, TOKEN_FILE, type Host, type Lab } from './lab.ts';
import { cluster, findingsOf, laptop } from './ssh.ts';

/** As the API tells of it; the control plane is known by its label alone. */
function node(name: string, address: string, podCIDR: string, labels = {}) {
  return {
    metadata: { name, labels },
    spec: { podCIDR },
    status: {
      addresses: [{ type: 'InternalIP', address }],
      conditions: [{ type: 'Ready', status: 'True' }],
      nodeInfo: { kubeletVersion: 'v1.36.2' },
    },
  };
}

const CONTROL_PLANE = { 'node-role.kubernetes.io/control-plane': '' };
const CP1 = node('cp1', '10.77.0.1', '10.244.1.0/24', CONTROL_PLANE);
const W1 = node('w1', '10.77.0.2', '10.244.2.0/24');
const ASKED = ['--only', 'ports/reachable', '--only', 'cluster/pod-cidrs', '--kubeconfig', KUBECONFIG] as const;
const TOKEN = ['--token-file', TOKEN_FILE] as const;

async function apiOf(host: Host, nodes: readonly ReturnType<typeof node>[]): Promise<void> {
  await serveApi(host, { '/version': { gitVersion: 'v1.36.2' }, '/api/v1/nodes': nodes });
}

/** A machine outside of the cluster, and the two nodes of which the API there tells. */
async function hostsOf(lab: Lab, nodes: readonly ReturnType<typeof node>[] = [CP1, W1]) {
  const [own, cp1, w1] = await Promise.all([
    lab.host('laptop', '10.77.0.100/24'),
    lab.host('cp1', '10.77.0.1/24'),
    lab.host('w1', '10.77.0.2/24'),
  ]);
  await apiOf(own, nodes);
  return { own, cp1, w1 };
}

async function meshed(own: Host, ...args: readonly string[]): Promise<Report> {
  const { stdout, stderr } = await own.cli('mesh', '--json', ...ASKED, ...args);
  if (stdout === '') throw new Error(stderr);
  return reportSchema.parse(JSON.parse(stdout));
}

const told = (report: Report, check: string) =>
  findingsOf(report).flatMap((each) => (each.check === check ? [[...each.nodes, each.reason]] : []));

labTest('the nodes of which the API tells are the peers, each in its role', async ({ lab }) => {
  const { own, cp1, w1 } = await hostsOf(lab);
  await cp1.peer();
  await w1.peer('--role', 'worker');
  const report = await meshed(own, ...TOKEN);
  expect(report.nodes.map(({ name, roles }) => [name, ...roles])).toEqual([
    ['cp1', 'control-plane'],
    ['w1', 'worker'],
  ]);
  expect(report.plan['peers']?.origin).toBe('cluster');
  expect(report.coverage).toMatchObject({ pairs: 2, pairsTested: 2 });
  expect(told(report, 'cluster/pod-cidrs')).toEqual([
    ['cp1', 'apart'],
    ['w1', 'apart'],
  ]);
  expect(report.verdict).toBe('ready');
});

labTest('what the API tells of pod networks is judged, whoever can be reached', async ({ lab }) => {
  const other = { ...W1, spec: { podCIDR: '10.244.1.128/25' } };
  const { own, cp1 } = await hostsOf(lab, [CP1, other]);
  const none = await meshed(own, ...TOKEN);
  expect(told(none, 'cluster/pod-cidrs')).toEqual([
    ['10.77.0.1', 'overlap'],
    ['10.77.0.2', 'overlap'],
  ]);
  await cp1.peer();
  const one = await meshed(own, ...TOKEN);
  expect(told(one, 'cluster/pod-cidrs')).toEqual([
    ['cp1', 'overlap'],
    ['10.77.0.2', 'overlap'],
  ]);
  expect(told(one, 'ports/reachable')).toContainEqual(['cp1', '10.77.0.2', 'peer-unreachable']);
});

labTest('a node without a pod network is told by its name, though it cannot be reached', async ({ lab }) => {
  const { own } = await hostsOf(lab, [CP1, { ...W1, spec: { podCIDR: '' } }]);
  const report = await meshed(own, ...TOKEN);
  const [cp1, w1] = findingsOf(report).filter(({ check }) => check === 'cluster/pod-cidrs');
  expect(cp1).toMatchObject({ nodes: ['10.77.0.1'], reason: 'apart' });
  expect(w1).toMatchObject({ nodes: ['10.77.0.2'], reason: 'missing', subject: 'the pods of w1' });
});

labTest('fewer than two nodes, no token, and an API that is not there, each in one sentence', async ({ lab }) => {
  const { own } = await hostsOf(lab, [CP1]);
  const said = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await own.cli('mesh', ...ASKED, ...args);
    expect([code, stdout]).toEqual([3, '']);
    return stderr;
  };
  const one = `the API that --kubeconfig ${KUBECONFIG} leads to tells of one node with an address.`;
  expect(await said(...TOKEN)).toContain(one);
  expect(await said('--ssh')).toContain(one);
  expect(await said()).toContain('mesh --kubeconfig needs the token that all machines of a run share');
  own.write(KUBECONFIG, (await own.sh(`cat ${KUBECONFIG}`)).replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'), 0o600);
  expect(await said(...TOKEN)).toMatch(
    /the nodes of the cluster could not be read \(--kubeconfig \/etc\/lab\.kubeconfig\): .*it refuses connections\.\n/,
  );
});

labTest('over ssh the nodes of the cluster need no token and no port', async ({ lab }) => {
  const { key, known } = await cluster(lab, [{}, {}]);
  const own = await laptop(await lab.host('laptop', '10.77.0.100/24'), key, known);
  await apiOf(own, [CP1, W1]);
  const report = await meshed(own, '--ssh');
  expect(report.nodes.map(({ name, roles }) => [name, ...roles])).toEqual([
    ['n1', 'control-plane'],
    ['n2', 'any'],
  ]);
  expect(report.coverage.pairsTested).toBe(report.coverage.pairs);
  expect(report.coverage.pairs).toBe(2);
});
