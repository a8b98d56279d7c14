import { expect } from 'vitest';
import { reportSchema, type Finding } from '../../src/report/schema.ts';
import { complaints, labTest, TOKEN_FILE } from './lab.ts';
import { addPods, BIN_DIR, configure, listenWithPods, makeNodes, nodeAddress, peersOf, type PluginOf } from './pods.ts';
import { reasons, tried } from './reach.ts';

const ALL_OF_PODS = ['--only', 'cni/dry-run', '--only', 'pods'] as const;
const THROW_AWAY = [...ALL_OF_PODS, '--pods', 'throw-away'] as const;
const EXISTING = ['--only', 'pods', '--pods', 'existing'] as const;

/** TCP and UDP, over these families. */
const legs = (way: string, families: readonly string[] = ['']) =>
  families.flatMap((family) => ['tcp', 'udp'].map((protocol) => [`${way} ${protocol}${family}`, 'open'] as const));

/** Between two pods of a node, and between them and the node. */
const within = (node: string, families?: readonly string[]) =>
  ['pod 0 → pod 1', 'pod 1 → pod 0', 'node → pod 0', 'pod 0 → node'].flatMap((way) => legs(`${node} ${way}`, families));

/** Between pods of two nodes, both ways. */
const between = (one: string, other: string, families?: readonly string[]) =>
  [`${one}→${other}`, `${other}→${one}`].flatMap((nodes) => legs(`${nodes} pod → pod`, families));

const packets = (findings: readonly Finding[]) => reasons(findings.filter(({ check }) => check.startsWith('pods/')));

const MADE = { chain: 'works', 'put back': 'put-back' };
const dryRun = (findings: readonly Finding[], node: string) =>
  Object.fromEntries(
    findings
      .filter(({ check, nodes }) => check === 'cni/dry-run' && nodes[0] === node)
      .map(({ subject, reason }) => [subject, reason]),
  );

labTest('a node by itself: the dry run, and its own pods', async ({ lab }) => {
  const nodes = await makeNodes(lab, 1);
  const found = await tried(nodes, ...THROW_AWAY);
  expect(complaints(found)).toEqual([]);
  expect(dryRun(found, 'n1')).toEqual(MADE);
  expect(found[0]?.message).toMatch(/^bridge of \/etc\/cni\/net\.d\/10-pods\.conflist gave 2 pods a network/);
  expect(packets(found)).toEqual({ ...Object.fromEntries(within('n1')), 'n1 peers': 'no-peers' });
});

labTest('the dry run asked for by its name alone', async ({ lab }) => {
  const nodes = await makeNodes(lab, 1);
  const found = await tried(nodes, '--only', 'cni/dry-run');
  expect(dryRun(found, 'n1')).toEqual(MADE);
  expect(found).toHaveLength(2);
});

labTest('nothing is made of a node’s chain unless somebody asks for it', async ({ lab }) => {
  const nodes = await makeNodes(lab, 1);
  const seen = '[ $CNI_COMMAND = VERSION ] || touch /run/was-run';
  nodes[0]?.write(`${BIN_DIR}/odd`, `#!/bin/sh\n${seen}\n`, 0o755);
  nodes.forEach((node) => configure(node, [{ type: 'odd' }]));
  const found = await tried(nodes, '--only', 'cni', '--only', 'pods');
  expect(dryRun(found, 'n1')).toEqual({ '--pods throw-away': 'not-asked' });
  expect(packets(found)).toEqual({ 'n1 --pods': 'not-asked' });
});

for (const mode of ['hostgw', 'vxlan'] as const) {
  labTest(`three nodes and throw-away pods over ${mode}`, async ({ lab }) => {
    const nodes = await makeNodes(lab, 3, { mode });
    await listenWithPods(nodes.slice(1));
    const found = await tried(nodes, ...THROW_AWAY, ...peersOf(nodes));
    expect(complaints(found)).toEqual([]);
    expect(dryRun(found, 'n1')).toEqual(MADE);
    expect(packets(found)).toEqual(
      Object.fromEntries([...between('n1', 'n2'), ...between('n1', 'n3'), ...within('n1')]),
    );
  });

  labTest(`three nodes and the pods that they have over ${mode}`, async ({ lab }) => {
    const nodes = await makeNodes(lab, 3, { mode });
    for (const [index, node] of nodes.entries()) await addPods(node, index + 1, 2, { mode });
    await listenWithPods(nodes.slice(1), 'existing');
    const found = await tried(nodes, ...EXISTING, ...peersOf(nodes));
    expect(complaints(found)).toEqual([]);
    expect(packets(found)).toEqual(
      Object.fromEntries([...between('n1', 'n2'), ...between('n1', 'n3'), ...within('n1')]),
    );
    const across = found.filter(({ check }) => check === 'pods/cross-node');
    for (const address of across.flatMap(({ probe }) => [probe?.from.address, probe?.receiver.source]))
      expect(address).toMatch(/^10\.244\.[123]\.1[01]$/);
  });
}

labTest('a mesh of three nodes, conducted from elsewhere', async ({ lab }) => {
  const nodes = await makeNodes(lab, 3);
  const elsewhere = await lab.host('op', '10.78.0.100/24');
  await listenWithPods(nodes);
  const before = await Promise.all(nodes.map((node) => node.state()));
  const peers = nodes.flatMap((node) => ['--peer', nodeAddress(node).replace('10.77', '10.78')]);
  const { stdout, stderr } = await elsewhere.cli('mesh', '--json', '--token-file', TOKEN_FILE, ...THROW_AWAY, ...peers);
  expect(stderr).toBe('');
  const { checks, verdict, coverage } = reportSchema.parse(JSON.parse(stdout));
  const found = checks.flatMap(({ findings }) => findings);
  expect(verdict).toBe('ready');
  expect(coverage).toMatchObject({ pods: 'tested' });
  for (const node of ['n1', 'n2', 'n3']) expect(dryRun(found, node)).toEqual(MADE);
  expect(packets(found)).toEqual(
    Object.fromEntries([
      ...between('n1', 'n2'),
      ...between('n1', 'n3'),
      ...between('n2', 'n3'),
      ...['n1', 'n2', 'n3'].flatMap((node) => within(node)),
    ]),
  );
  await expect.poll(() => Promise.all(nodes.map((node) => node.state())), { timeout: 10_000 }).toEqual(before);
});

for (const [name, families, told] of [
  ['IPv6 alone', [6], ['']],
  ['both families', [4, 6], ['', ' over IPv6']],
] as const)
  for (const how of ['throw-away', 'existing'] as const)
    labTest(`pods with ${name}, ${how}`, async ({ lab }) => {
      const nodes = await makeNodes(lab, 2, { families });
      if (how === 'existing')
        for (const [index, node] of nodes.entries()) await addPods(node, index + 1, 2, { families });
      const [own, peer] = nodes;
      if (own === undefined || peer === undefined) return;
      const address =
        families.length === 1 ? ['--node-ip', 'fd77::1'] : ['--node-ip', '10.77.0.1', '--node-ip', 'fd77::1'];
      await peer.peer('--pods', how, ...address.map((text) => text.replace(/1$/, '2')));
      const found = await tried(nodes, '--only', 'pods', '--pods', how, ...address, '--peer', '10.78.0.2');
      expect(complaints(found)).toEqual([]);
      expect(packets(found)).toEqual(Object.fromEntries([...between('n1', 'n2', told), ...within('n1', told)]));
    });

/** As real clusters chain them. */
const ADD_ONS: readonly PluginOf[] = [
  { type: 'portmap', capabilities: { portMappings: true }, snat: true },
  { type: 'firewall' },
  { type: 'tuning', sysctl: { 'net.core.somaxconn': '500' } },
  { type: 'bandwidth', capabilities: { bandwidth: true } },
];
for (const plugin of [...ADD_ONS, null])
  labTest(`a chain with ${plugin?.type ?? 'all of them'}`, async ({ lab }) => {
    const nodes = await makeNodes(lab, 1, { chained: plugin === null ? ADD_ONS : [plugin] });
    const found = await tried(nodes, ...THROW_AWAY);
    expect(complaints(found)).toEqual([]);
    expect(dryRun(found, 'n1')).toMatchObject(MADE);
  });

labTest('a node that has joined: what serves its ports is left alone', async ({ lab }) => {
  const nodes = await makeNodes(lab, 2);
  for (const node of nodes) {
    node.write('/etc/kubernetes/kubelet.conf', '');
    await node.listen('kubelet', 10_250, { address: '::' });
  }
  await listenWithPods(nodes.slice(1));
  const found = await tried(nodes, ...THROW_AWAY, ...peersOf(nodes));
  expect(complaints(found)).toEqual([]);
  expect(packets(found)).toEqual(Object.fromEntries([...between('n1', 'n2'), ...within('n1')]));
});

labTest(
  'a node that does not forward yet: the plugin switches it on, and it is off again afterwards',
  async ({ lab }) => {
    const nodes = await makeNodes(lab, 1, { families: [4, 6] });
    const [node] = nodes;
    await node?.sh('sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0');
    const found = await tried(nodes, ...THROW_AWAY);
    expect(complaints(found)).toEqual([]);
    const told = found.find(({ reason }) => reason === 'put-back')?.message;
    for (const name of ['interface cni0', 'net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'])
      expect(told).toContain(name);
  },
);

labTest('an add-on that has to be told of a real pod: pods that are there take part', async ({ lab }) => {
  const nodes = await makeNodes(lab, 2);
  for (const [index, node] of nodes.entries()) {
    await addPods(node, index + 1, 2);
    configure(node, [{ type: 'calico' }]);
  }
  await listenWithPods(nodes.slice(1), 'existing');
  const found = await tried(nodes, ...EXISTING, ...peersOf(nodes));
  expect(complaints(found)).toEqual([]);
  expect(packets(found)).toEqual(Object.fromEntries([...between('n1', 'n2'), ...within('n1')]));
});
