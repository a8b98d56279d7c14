import { expect } from 'vitest';
import type { Finding } from '../../src/report/schema.ts';
import { complaints, labTest, type Host } from './lab.ts';
import { addPods, bridgeOf, configure, listenWithPods, makeNodes, peersOf, retunnel } from './pods.ts';
import { tried } from './reach.ts';

/** What packets between pods of different nodes do not show, or not where it comes from: other checks see it. */

const EXISTING = ['--only', 'pods/cross-node', '--pods', 'existing', '--role', 'worker'] as const;

const told = (findings: readonly Finding[], check: string) => findings.filter((finding) => finding.check === check);

function allOpen(findings: readonly Finding[]): void {
  const reasons = told(findings, 'pods/cross-node').map(({ reason }) => reason);
  expect(new Set(reasons)).toEqual(new Set(['open']));
}

labTest('an overlay that takes more than fits: network/mtu', async ({ lab }) => {
  const networking = { mode: 'vxlan', mtu: 1500 } as const;
  const nodes = await makeNodes(lab, 2, networking);
  for (const [index, node] of nodes.entries()) {
    await addPods(node, index + 1, 1, networking);
    await retunnel(node, index + 1, [2 - index], 'id 1', 1500);
  }
  await listenWithPods(nodes.slice(1), 'existing');
  const found = await tried(nodes, ...EXISTING, '--only', 'network/mtu', '--cni', 'flannel', ...peersOf(nodes));
  allOpen(found);
  expect(complaints(found)).toMatchObject([
    { check: 'network/mtu', nodes: ['n1'], subject: 'flannel.1', status: 'warn', reason: 'too-small' },
  ]);
});

labTest('two nodes with one address: network/interfaces', async ({ lab }) => {
  const nodes = await makeNodes(lab, 3);
  for (const [index, node] of nodes.entries()) await addPods(node, index + 1, 1);
  await nodes[2]?.sh('ip address add 10.77.0.2/24 dev eth0');
  await listenWithPods(nodes.slice(1), 'existing');
  const found = await tried(nodes, ...EXISTING, '--only', 'network/interfaces', ...peersOf(nodes));
  expect(complaints(told(found, 'network/interfaces'))).toMatchObject([
    { nodes: ['n2', 'n3'], subject: '10.77.0.2', status: 'fail', reason: 'duplicate-address' },
  ]);
});

labTest('two nodes give pods one range: pods/cross-node itself', async ({ lab }) => {
  const nodes = await makeNodes(lab, 3);
  for (const node of nodes.slice(1, 2)) configure(node, [bridgeOf(1)]);
  await listenWithPods(nodes.slice(1));
  const throwAway = ['--only', 'pods/cross-node', '--pods', 'throw-away'];
  const found = await tried(nodes, ...throwAway, ...peersOf(nodes));
  const [duplicate, ...more] = complaints(found);
  expect(duplicate).toMatchObject({ nodes: ['n1', 'n2'], status: 'fail', reason: 'duplicate-address' });
  expect(more).toEqual([]);
});

labTest('two tunnels with one hardware address: network/mac-addresses', async ({ lab }) => {
  const nodes = await makeNodes(lab, 2, { mode: 'vxlan' });
  await nodes[1]?.sh('ip link set dev flannel.1 address 0e:77:00:00:00:01');
  await listenWithPods(nodes.slice(1));
  const found = await tried(nodes, '--only', 'network/mac-addresses', ...peersOf(nodes));
  expect(complaints(found)).toMatchObject([
    { nodes: ['n1', 'n2'], subject: '0e:77:00:00:00:01', reason: 'duplicate-mac' },
  ]);
});

/** As for a firewall of the uplink: what comes or goes by it is let through. */
const dropBetweenPods = (node: Host) =>
  node.sh(`sysctl -qw net.bridge.bridge-nf-call-iptables=1
  nft 'table ip cluster {
    chain forward {
      type filter hook forward priority filter; policy drop;
      iifname "eth0" accept
      oifname "eth0" accept
    }
  }'`);

for (const how of ['throw-away', 'existing'] as const)
  labTest(
    `bridged packets under the rules for what is forwarded, ${how}: pods/same-node, network/firewall`,
    async ({ lab }) => {
      const nodes = await makeNodes(lab, 2);
      if (how === 'existing') for (const [index, node] of nodes.entries()) await addPods(node, index + 1, 2);
      for (const node of nodes.slice(0, 1)) await dropBetweenPods(node);
      await listenWithPods(nodes.slice(1), how);
      const found = await tried(
        nodes,
        '--only',
        'pods',
        '--only',
        'network/firewall',
        '--pods',
        how,
        ...peersOf(nodes),
      );
      allOpen(found);
      const within = complaints(told(found, 'pods/same-node'));
      expect(within.map(({ subject, reason }) => [subject, reason])).toEqual([
        ['pod 0 → pod 1 tcp', 'request-lost'],
        ['pod 0 → pod 1 udp', 'request-lost'],
        ['pod 1 → pod 0 tcp', 'request-lost'],
        ['pod 1 → pod 0 udp', 'request-lost'],
      ]);
      expect(within[0]?.message).toContain('ip cluster forward drops what is forwarded');
      expect(within[0]?.message).toContain('bridged packets');
      expect(within[0]?.evidence?.['stopped']).toMatchObject({ machine: 'n1', obstacle: 'forward-filter' });
      expect(complaints(told(found, 'network/firewall'))).toMatchObject([
        { nodes: ['n1'], reason: 'forward-drop', status: 'warn' },
      ]);
    },
  );
