import { expect, onTestFinished } from 'vitest';
import type { ApiServerOptions } from '../cluster/api-server.ts';
import type { Finding } from '../../src/report/schema.ts';
import { KUBECONFIG, serveApi } from './api.ts';
import { labTest, type Host, type Lab } from './lab.ts';
import { addPods, makeNodes, nodeAddress } from './pods.ts';

const ACROSS = [
  '--only',
  'pods/cross-node',
  '--pods',
  'existing',
  '--stage',
  'joined',
  '--kubeconfig',
  KUBECONFIG,
] as const;

type Objects = Record<string, unknown>;

function nodeObject(host: Host): Objects {
  return {
    metadata: { name: host.name },
    spec: { podCIDR: `10.244.${host.name.slice(1)}.0/24` },
    status: {
      addresses: [{ type: 'InternalIP', address: nodeAddress(host) }],
      conditions: [{ type: 'Ready', status: 'True' }],
      nodeInfo: { kubeletVersion: 'v1.36.2' },
    },
  };
}

function podObject(host: Host, index: number): Objects {
  return {
    metadata: { namespace: 'default', name: `web-${host.name}-${index}`, labels: { app: 'web' } },
    spec: { nodeName: host.name, containers: [{ ports: [{ containerPort: 8080 }] }] },
    status: { podIP: `10.244.${host.name.slice(1)}.${10 + index}`, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

/** Nodes with two pods each that listen on 8080; on the first one the API of their cluster. */
async function makeCluster(lab: Lab, count: number, more: ApiServerOptions['paths'] = {}): Promise<Host[]> {
  const hosts = await makeNodes(lab, count);
  for (const [index, host] of hosts.entries())
    for (const name of await addPods(host, index + 1, 2)) {
      const pid = await host.sh(
        `setsid ip netns exec ${name} ${process.execPath} -e "require('node:net').createServer((s) => s.on('error', () => s.destroy()).resume()).listen(8080)" </dev/null >/dev/null 2>&1 & echo $!`,
      );
      // In the network of its pod it is none of those that end with their host.
      onTestFinished(() => void process.kill(Number(pid), 'SIGKILL'));
    }
  const [first] = hosts;
  if (first === undefined) throw new Error('a cluster has nodes');
  await serveApi(first, {
    '/version': { gitVersion: 'v1.36.2' },
    '/api/v1/nodes': hosts.map(nodeObject),
    '/api/v1/pods': hosts.flatMap((host) => [podObject(host, 0), podObject(host, 1)]),
    '/apis/networking.k8s.io/v1/networkpolicies': [],
    ...more,
  });
  return hosts;
}

const told = (findings: readonly Finding[]) => findings.map(({ subject, reason }) => [subject, reason]);

labTest('from a real pod here to real pods of every other node, with nothing installed there', async ({ lab }) => {
  const [first] = await makeCluster(lab, 3);
  const findings = await first?.findings('pods/cross-node', ...ACROSS);
  expect(told(findings ?? [])).toEqual([
    ['pod → pods of n2', 'open'],
    ['pod → pods of n3', 'open'],
  ]);
  const report = await first?.check(...ACROSS);
  expect([report?.verdict, report?.coverage.pods]).toEqual(['ready', 'tested']);
  const shown = await first?.cli('check', ...ACROSS);
  expect(shown?.stdout.replaceAll(/\s+/g, ' ')).toContain('pods of 2 nodes of the cluster from one side alone');
});

labTest('a route to the pods of one node is missing: that one is red, and no other', async ({ lab }) => {
  const [first] = await makeCluster(lab, 3);
  await first?.sh('ip route replace blackhole 10.244.2.0/24');
  expect(told((await first?.findings('pods/cross-node', ...ACROSS)) ?? [])).toEqual([
    ['pod → pods of n2', 'lost'],
    ['pod → pods of n3', 'open'],
  ]);
});

labTest('what a NetworkPolicy drops is no fault, and the finding names it', async ({ lab }) => {
  const policies = [{ metadata: { namespace: 'default', name: 'deny' }, spec: { podSelector: {} } }];
  const [first, second] = await makeCluster(lab, 3, { '/apis/networking.k8s.io/v1/networkpolicies': policies });
  await second?.sh('iptables -I FORWARD -d 10.244.2.0/24 -j DROP');
  const findings = (await first?.findings('pods/cross-node', ...ACROSS)) ?? [];
  expect(told(findings)).toEqual([
    ['pod → pods of n2', 'undecided'],
    ['pod → pods of n3', 'open'],
  ]);
  expect(findings[0]?.message).toContain('NetworkPolicy default/deny selects');
});
