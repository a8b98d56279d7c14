import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { complaints, labTest, TOKEN_FILE, type Host, type Lab } from './lab.ts';
import { reasons, rules, tried, way } from './reach.ts';

const REACHABLE = ['--only', 'ports/reachable'] as const;
const PEER = ['--peer', '10.77.0.2'] as const;

/** A control plane and a worker of a cluster, each with what serves its ports. */
async function cluster(lab: Lab): Promise<[own: Host, peer: Host]> {
  const [own, peer] = await Promise.all([lab.host('cp1', '10.77.0.1/24'), lab.host('w1', '10.77.0.2/24')]);
  for (const host of [own, peer]) {
    host.write('/etc/kubernetes/kubelet.conf', '');
    await host.listen('kubelet', 10_250, { address: '::' });
  }
  for (const name of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd'])
    own.write(`/etc/kubernetes/manifests/${name}.yaml`, '');
  await own.listen('kube-apiserver', 6_443, { address: '::' });
  await own.listen('etcd', 2_379);
  await own.listen('etcd', 2_380);
  await peer.peer();
  return [own, peer];
}

labTest('two nodes of a cluster reach what the other one serves', async ({ lab }) => {
  const hosts = await cluster(lab);
  const found = (await tried(hosts, '--only', 'ports', ...PEER)).filter(({ check }) => check.endsWith('reachable'));
  expect(complaints(found)).toEqual([]);
  expect(reasons(found)).toEqual({
    'cp1→w1 tcp/10250': 'open',
    'w1→cp1 tcp/6443': 'open',
    'cp1 30000-32767': 'not-swept',
    'w1 30000-32767': 'not-swept',
  });
  expect(way(found, 'cp1', 'w1', 'tcp/10250')?.probe).toMatchObject({
    proof: 'accepted',
    sender: { outcome: 'accepted' },
    receiver: { listener: 'owner' },
  });
});

labTest('a firewall before a component that runs', async ({ lab }) => {
  const hosts = await cluster(lab);
  await rules(hosts[1], { input: ['tcp dport 10250 drop'] });
  await rules(hosts[0], { input: ['tcp dport 6443 reject with tcp reset'] });
  expect(reasons(await tried(hosts, ...REACHABLE, ...PEER))).toEqual({
    'cp1→w1 tcp/10250': 'request-lost',
    'w1→cp1 tcp/6443': 'rejected',
  });
});

labTest('no port of a component is opened on a node, not for a moment', async ({ lab }) => {
  const [own, peer] = await Promise.all([lab.host('cp1', '10.77.0.1/24'), lab.host('cp2', '10.77.0.2/24')]);
  peer.write('/etc/kubernetes/kubelet.conf', '');
  await peer.peer('--role', 'control-plane');
  // So that it takes a while.
  await rules(peer, { input: ['udp dport 8472 drop', 'tcp dport 10250 drop'] });
  const watching = new AbortController();
  const opened = listeningMeanwhile(peer, watching.signal);
  const found = await tried([own], ...REACHABLE, ...PEER, '--role', 'control-plane', '--cni', 'flannel');
  watching.abort();
  expect(await opened).toEqual(['10777']);
  const towards = Object.entries(reasons(found)).filter(([subject]) => subject.startsWith('cp1→cp2'));
  expect(towards.map(([, reason]) => reason)).toEqual(towards.map(() => 'no-listener'));
  expect(towards.map(([subject]) => subject)).toEqual(
    ['tcp/6443', 'tcp/2379', 'tcp/2380', 'tcp/10250', 'udp/8472'].map((port) => `cp1→cp2 ${port}`),
  );
  expect(found.filter(({ nodes }) => nodes[0] === 'cp2').map(({ reason }) => reason)).toEqual(Array(5).fill('open'));
});

labTest('a node that is joined while it listens lets go of what it holds', async ({ lab }) => {
  const [own, peer] = await Promise.all([lab.host('cp1', '10.77.0.1/24'), lab.host('cp2', '10.77.0.2/24')]);
  await peer.peer('--role', 'control-plane');
  await rules(peer, { input: ['tcp dport 30000-30999 drop'] });
  const range = ['--only', 'ports', '--node-port-range', '30000-31999', '--role', 'control-plane'] as const;
  const checking = own.check('--token-file', TOKEN_FILE, ...PEER, ...range);
  await until(async () => (await listening(peer)).includes('10250'));
  peer.write('/etc/kubernetes/bootstrap-kubelet.conf', '');
  const report = await checking;
  expect(await listening(peer)).toEqual(['10777']);
  const found = report.checks.flatMap(({ findings }) => findings);
  expect(found.filter(({ status, subject }) => status === 'fail' && !subject?.startsWith('tcp/30000'))).toEqual([]);
});

labTest('NodePorts of a node that has joined, where they are asked for', async ({ lab }) => {
  const hosts = await cluster(lab);
  const [own, peer] = hosts;
  await peer.sh(`
    iptables-nft -t nat -N KUBE-NODEPORTS
    iptables-nft -t nat -A KUBE-NODEPORTS -p tcp -m comment --comment default/web:http -m tcp --dport 30080 -j ACCEPT`);
  await own.sh(`
    nft add table ip kube-proxy
    nft add chain ip kube-proxy external-A-default/db/tcp/sql
    nft 'add map ip kube-proxy service-nodeports { type inet_proto . inet_service : verdict; }'
    nft 'add element ip kube-proxy service-nodeports { tcp . 30090 : goto external-A-default/db/tcp/sql }'`);
  await peer.listen('nginx', 30_100);
  const range = ['--only', 'ports/node-ports-reachable', '--node-port-range', '30000-30199'] as const;
  const found = await tried(hosts, ...range, ...PEER);
  expect(complaints(found)).toEqual([]);
  expect(way(found, 'cp1', 'w1', 'tcp/30080')).toMatchObject({ reason: 'service-owned', status: 'skip' });
  expect(way(found, 'w1', 'cp1', 'tcp/30090')).toMatchObject({ reason: 'service-owned', status: 'skip' });
  expect(way(found, 'cp1', 'w1', 'tcp/30100')).toMatchObject({ reason: 'open', probe: { proof: 'accepted' } });
  expect(way(found, 'cp1', 'w1', 'tcp/30000-30079')).toMatchObject({ reason: 'open', probe: { proof: 'nonce' } });
});

/** TCP and UDP ports that somebody listens on, but those of the lab. */
async function listening(host: Host): Promise<string[]> {
  const ports = await host.sh(`ss -Htuln | awk '{print $5}' | sed 's/.*://' | sort -un`);
  return ports.trim().split('\n');
}

async function listeningMeanwhile(host: Host, signal: AbortSignal): Promise<string[]> {
  const seen = new Set<string>();
  while (!signal.aborted) for (const port of await listening(host)) seen.add(port);
  return [...seen];
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
