import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { makeAuthority, type Authority, type KeyPair } from '../authority.ts';
import { about, complaints, labTest, type Host, type Lab } from './lab.ts';

let authority: Authority;
let tls: KeyPair;

beforeAll(() => {
  authority = makeAuthority('kubernetes');
  tls = authority.issue('kube-apiserver', 'IP:127.0.0.1');
});
afterAll(() => rmSync(authority.directory, { recursive: true }));

const LOOPBACK = { address: '127.0.0.1' } as const;

async function worker(lab: Lab): Promise<Host> {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh('ip route add default via 10.77.0.254');
  host.write('/etc/kubernetes/kubelet.conf', '');
  return host;
}

const manifest = (name: string, flags: readonly string[] = []) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ image: `registry.k8s.io/${name}:v1.36.2`, command: [name, ...flags] }] },
  });

labTest('a worker that has joined, with kube-proxy and without', async ({ lab }) => {
  const host = await worker(lab);
  await host.listen('kubelet', 10250, { address: '::' });
  await host.listen('kubelet', 10248, LOOPBACK);
  const replaced = await host.findings('ports/served');
  expect(complaints(replaced)).toEqual([]);
  expect(about(replaced, 'tcp/10248')).toMatchObject({
    reason: 'served',
    message: expect.stringContaining('says that it is well') as string,
    evidence: { process: 'kubelet' },
  });
  for (const subject of ['tcp/10249', 'tcp/10256'])
    expect(about(replaced, subject)).toMatchObject({ status: 'skip', reason: 'no-kube-proxy' });

  await host.listen('kube-proxy', 10256);
  const proxied = await host.findings('ports/served');
  expect(about(proxied, 'tcp/10256')).toMatchObject({ status: 'pass', reason: 'served' });
  expect(about(proxied, 'tcp/10249')).toMatchObject({ status: 'skip', reason: 'turned-off' });
});

labTest('nothing, or somebody else, where the kubelet should be', async ({ lab }) => {
  const host = await worker(lab);
  const { pid } = await host.listen('nginx', 10250);
  expect(complaints(await host.findings('ports/served'))).toMatchObject([
    {
      subject: 'tcp/10250',
      status: 'fail',
      reason: 'wrong-owner',
      expected: 'served by kubelet',
      evidence: { process: 'nginx', pid },
    },
    {
      subject: 'tcp/10248',
      status: 'fail',
      reason: 'not-served',
      remedy: { commands: expect.arrayContaining(['systemctl enable --now kubelet']) as string[] },
    },
  ]);
});

labTest('somebody who is not root cannot tell the owner', async ({ lab }) => {
  const host = await worker(lab);
  await host.listen('kubelet', 10250);
  await host.listen('kubelet', 10248, LOOPBACK);
  const seen = await host.via('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups').findings('ports/served');
  expect(complaints(seen)).toMatchObject([
    { subject: 'tcp/10250', status: 'unknown', reason: 'owner-not-visible' },
    { subject: 'tcp/10248', status: 'unknown', reason: 'owner-not-visible' },
  ]);
});

labTest('a kubelet that says that it is not well, and one that says nothing', async ({ lab }) => {
  const host = await worker(lab);
  await host.listen('kubelet', 10250);
  const sick = await host.listen('kubelet', 10248, {
    ...LOOPBACK,
    status: 500,
    body: '[+]ping ok\n[-]syncloop failed',
  });
  expect(complaints(await host.findings('ports/served'))).toMatchObject([
    {
      subject: 'tcp/10248',
      status: 'fail',
      reason: 'unhealthy',
      evidence: { status: 500, path: '/healthz', failing: ['syncloop'] },
      remedy: { commands: expect.arrayContaining(["curl -sk 'http://localhost:10248/healthz?verbose'"]) as string[] },
    },
  ]);
  // Stopped, it still accepts connections.
  await host.sh(`kill -STOP ${sick.pid}`);
  expect(complaints(await host.findings('ports/served', '--timeout', '500ms'))).toMatchObject([
    { subject: 'tcp/10248', status: 'unknown', reason: 'no-answer' },
  ]);
});

labTest('a control plane, and its API server taken away', async ({ lab }) => {
  const host = await worker(lab);
  const directory = '/etc/kubernetes/manifests';
  host.write(`${directory}/kube-apiserver.yaml`, manifest('kube-apiserver', ['--secure-port=6443']));
  host.write(`${directory}/kube-controller-manager.yaml`, manifest('kube-controller-manager'));
  host.write(`${directory}/kube-scheduler.yaml`, manifest('kube-scheduler'));
  const urls = 'https://127.0.0.1:2379,https://10.77.0.1:2379';
  const metrics = '--listen-metrics-urls=http://127.0.0.1:2381';
  const members = '--listen-peer-urls=https://10.77.0.1:2380';
  host.write(`${directory}/etcd.yaml`, manifest('etcd', [`--listen-client-urls=${urls}`, members, metrics]));
  await host.listen('kubelet', 10250);
  await host.listen('kubelet', 10248, LOOPBACK);
  await host.listen('kube-controller-manager', 10257, { ...LOOPBACK, tls });
  await host.listen('kube-scheduler', 10259, { ...LOOPBACK, tls });
  await host.listen('etcd', 2379, LOOPBACK);
  await host.listen('etcd', 2380, { address: '10.77.0.1' });
  await host.listen('etcd', 2381, LOOPBACK);
  const apiServer = await host.listen('kube-apiserver', 6443, { address: '::', tls });
  expect(complaints(await host.findings('ports/served'))).toEqual([]);
  apiServer.kill();
  await host.sh('while ss -Htln sport = :6443 | grep -q .; do sleep 0.02; done');
  expect(complaints(await host.findings('ports/served'))).toMatchObject([
    { subject: 'tcp/6443', status: 'fail', reason: 'not-served', expected: 'served by kube-apiserver' },
  ]);
});
