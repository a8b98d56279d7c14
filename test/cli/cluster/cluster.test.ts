import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  apiServer,
  authority,
  removeAuthority,
  type ApiServer,
  type ApiServerOptions,
} from '../../cluster/api-server.ts';
import { base64, kubeconfig, removeDirectories as removeKubeconfigs } from '../../cluster/kubeconfigs.ts';
import { machine, removeDirectories, runCli, temporaryDirectory } from '../seaworthy.ts';

const TOKEN = 'secret-token-of-the-cluster';
const KUBEADM =
  'networking:\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/12\ncontrolPlaneEndpoint: api.zanzibar.test:6443\n';

function node(name: string, address: string, podCIDR: string) {
  return {
    metadata: { name, labels: {} },
    spec: { podCIDR },
    status: {
      addresses: [{ type: 'InternalIP', address }],
      conditions: [{ type: 'Ready', status: 'True' }],
      nodeInfo: { kubeletVersion: 'v1.35.1', machineID: 'c'.repeat(32) },
    },
  };
}

const PATHS: ApiServerOptions['paths'] = {
  '/version': { gitVersion: 'v1.35.2' },
  '/api/v1/nodes': [node('zanzibar', '10.255.0.11', '10.244.0.0/24'), node('mombasa', '10.255.0.12', '10.244.1.0/24')],
  '/api/v1/pods': [],
  '/api/v1/namespaces/kube-system/configmaps/kubeadm-config': { data: { ClusterConfiguration: KUBEADM } },
};

let server: ApiServer;
let guarded: ApiServer;
beforeAll(async () => {
  const authorization = () => `Bearer ${TOKEN}`;
  server = await apiServer({ paths: PATHS, authorization });
  guarded = await apiServer({ paths: PATHS, authorization, forbidden: ['/api/v1/nodes'] });
});
afterAll(async () => {
  await Promise.all([server.close(), guarded.close()]);
  removeAuthority();
  removeKubeconfigs();
  removeDirectories();
});

/** A directory without interfaces, of a machine that shows its kernel. */
function shownMachine(name?: string): string {
  const root = machine('d'.repeat(32), name);
  for (const directory of ['sys/class/net', 'proc/net']) mkdirSync(join(root, directory), { recursive: true });
  // As a kernel shows that has no addresses and no routes.
  const tables = { fib_trie: 'Main:\n', if_inet6: '', route: 'Iface\tDestination\tGateway\n' };
  for (const [table, text] of Object.entries(tables)) writeFileSync(join(root, 'proc/net', table), text);
  return root;
}

function configOf({ url }: ApiServer): string {
  return kubeconfig({ server: url, 'certificate-authority-data': base64(authority().cert) }, { token: TOKEN });
}

test('what the cluster tells is part of the plan, with its origin, and yields to flags', async () => {
  const { code, stdout } = await runCli(['config', '--kubeconfig', configOf(server), '--pod-cidr', '10.1.0.0/16']);
  expect(code).toBe(0);
  expect(stdout).toContain('kubernetesVersion: "1.35" # cluster');
  expect(stdout).toMatch(/^podCidr: .*10\.1\.0\.0\/16.* # flag$/m);
  expect(stdout).toMatch(/^serviceCidr: .*10\.96\.0\.0\/12.* # cluster$/m);
  // Without a token of seaworthy nobody is asked to be a peer.
  expect(stdout).toContain('# peer: # not said');
  expect(stdout).not.toContain(TOKEN);
});

test('what the cluster does not tell is said, and the rest is the plan', async () => {
  const { code, stdout, stderr } = await runCli(['config', '--kubeconfig', configOf(guarded)]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^serviceCidr: .*10\.96\.0\.0\/12.* # cluster$/m);
  expect(stderr).toMatch(/^seaworthy: the nodes of the cluster could not be read: .+\n$/);
});

test('with the token of a run the nodes are its peers', async () => {
  const token = join(temporaryDirectory(), 'token');
  writeFileSync(token, (await runCli(['token'])).stdout, { mode: 0o600 });
  const { stdout } = await runCli(['config', '--kubeconfig', configOf(server), '--token-file', token]);
  expect(stdout).toMatch(/10\.255\.0\.11[\s\S]*10\.255\.0\.12/);
});

test('a node that is not ready to be trusted is told, saved, and judged again from the file', async () => {
  const saved = join(temporaryDirectory(), 'facts.json');
  const args = ['check', '--root', shownMachine('zanzibar'), '--only', 'cluster', '--json'];
  const live = await runCli([...args, '--kubeconfig', configOf(server), '--save-facts', saved]);
  const report = JSON.parse(live.stdout);
  const reasons = (from: typeof report) =>
    from.checks.map(({ findings }: { findings: { reason: string }[] }) => findings.map(({ reason }) => reason));
  // This directory has not joined, and the name is that of a node.
  expect(reasons(report)).toEqual([['name-taken'], ['apart']]);
  expect(report.plan.kubernetesVersion).toEqual({ value: '1.35', origin: 'cluster' });
  expect(report.nodes[0]).toMatchObject({ kubernetesVersion: '1.35', versionFrom: 'kube-apiserver' });
  const text = readFileSync(saved, 'utf8');
  expect(Object.keys(JSON.parse(text).cluster)).toEqual([
    'clusterNetworks',
    'clusterNodes',
    'clusterPods',
    'clusterPolicies',
  ]);
  expect(statSync(saved).mode & 0o777).toBe(0o600);
  expect(text + live.stdout + live.stderr).not.toContain(TOKEN);
  const again = await runCli(['check', '--facts', saved, '--only', 'cluster', '--json']);
  expect(reasons(JSON.parse(again.stdout))).toEqual(reasons(report));
});

test('what may not be read is unknown, and names the rule that allows it', async () => {
  const { code, stdout } = await runCli([
    'check',
    '--root',
    shownMachine(),
    '--only',
    'cluster',
    '--json',
    '--kubeconfig',
    configOf(guarded),
  ]);
  expect(code).toBe(3);
  for (const { findings } of JSON.parse(stdout).checks)
    expect(findings).toEqual([
      expect.objectContaining({
        status: 'unknown',
        reason: 'fact-denied',
        message: expect.stringContaining('apiGroups: [""], resources: ["nodes"], verbs: ["list"]'),
      }),
    ]);
});

test('a server that tells without end takes little memory, and no longer than the budget', async () => {
  const message = 'x'.repeat(6_000_000);
  const body = JSON.stringify({
    metadata: { continue: 'more' },
    items: [{ metadata: { name: 'n' }, status: { conditions: [{ type: 'Ready', status: 'False', message }] } }],
  });
  const endless = await apiServer({
    paths: PATHS,
    odd: ({ url = '' }, response) => {
      if (!url.startsWith('/api/v1/nodes')) return false;
      response.end(body);
      return true;
    },
  });
  let peak = 0;
  const { code, ms } = await runCli(
    [
      'check',
      '--root',
      shownMachine(),
      '--only',
      'cluster',
      '--json',
      '--budget',
      '10s',
      '--kubeconfig',
      configOf(endless),
    ],
    { onStart: (child) => watchMemory(child, (kilobytes) => (peak = Math.max(peak, kilobytes))) },
  );
  await endless.close();
  expect(code).toBe(3);
  expect(ms).toBeLessThan(15_000);
  // Of pages: each would be held, were its text not left behind.
  expect(endless.asked.length).toBeGreaterThan(20);
  expect(peak).toBeGreaterThan(50_000);
  expect(peak).toBeLessThan(350_000);
});

/** The most that it held at any time, as the kernel counts it. */
function watchMemory(child: ChildProcess, tell: (kilobytes: number) => void): void {
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      tell(Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0));
    } catch {
      clearInterval(timer);
    }
  }, 20);
  child.once('exit', () => clearInterval(timer));
}

test('the time of a run is all of it, with what the API took before anything was judged', async () => {
  const slow = await apiServer({
    paths: {},
    odd: (_request, response) => {
      setTimeout(() => response.writeHead(500).end('{}'), 700);
      return true;
    },
  });
  const before = Date.now();
  const args = ['check', '--root', shownMachine(), '--only', 'cluster', '--json', '--kubeconfig', configOf(slow)];
  const { run } = JSON.parse((await runCli(args)).stdout);
  await slow.close();
  expect(run.durationMs).toBeGreaterThanOrEqual(650);
  expect(Date.parse(run.startedAt)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(run.startedAt) + run.durationMs).toBeLessThanOrEqual(Date.now() + 50);
});

test('a server that is not there is unknown, and the rest is judged', async () => {
  const nowhere = kubeconfig({ server: 'https://127.0.0.1:1' }, {});
  const { code, stdout } = await runCli([
    'check',
    '--root',
    shownMachine(),
    '--only',
    'cluster,identity',
    '--json',
    '--kubeconfig',
    nowhere,
  ]);
  const { checks } = JSON.parse(stdout);
  expect(code).toBe(3);
  expect(checks.map(({ id, status }: { id: string; status: string }) => [id, status])).toEqual(
    expect.arrayContaining([
      ['cluster/node-status', 'unknown'],
      ['identity/machine-id', 'pass'],
    ]),
  );
});

test.each([
  [['--kubeconfig', '/no/such/file'], '--kubeconfig /no/such/file: /no/such/file: no such file'],
  [['--kubeconfig', 'in-cluster'], '--kubeconfig in-cluster: this is no pod of a cluster'],
  [['--kubeconfig', 'x', '--facts', 'y'], '--facts: cannot be combined with --kubeconfig'],
] as const)('%j is wrong usage, in one sentence', async (args, sentence) => {
  const { code, stdout, stderr } = await runCli(['check', ...args]);
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain(sentence);
});

test('names of nodes and pods, and addresses, are hidden with --redact', async () => {
  const { stdout } = await runCli(['facts', '--redact', '--kubeconfig', configOf(server)]);
  expect(Object.keys(JSON.parse(stdout).cluster)).toContain('clusterNodes');
  expect(stdout).not.toMatch(/zanzibar|mombasa|10\.255\.0\.1/);
  expect(stdout).not.toContain(hostname());
});
