import { expect } from 'vitest';
import { reportSchema, type Finding } from '../../src/report/schema.ts';
import { labTest, TOKEN_FILE, type Host } from './lab.ts';
import { addPods, atSwitch, BIN_DIR, listenWithPods, makeNodes, peersOf, retunnel, type Networking } from './pods.ts';
import { rules, tried } from './reach.ts';

const ACROSS = ['--only', 'pods/cross-node', '--pods', 'existing'] as const;

/** By way: what is said of TCP, and of UDP where that differs. */
function ways(findings: readonly Finding[]): Record<string, string> {
  const told = new Map<string, Set<string>>();
  for (const { nodes, reason, subject } of findings) {
    if (!subject?.startsWith('pod → pod')) continue;
    const key = nodes.join('→');
    told.set(key, (told.get(key) ?? new Set()).add(reason));
  }
  return Object.fromEntries([...told].map(([key, all]) => [key, [...all].join(', udp ')]));
}

/** Between the first node, which is well, and another one. */
interface Fault {
  readonly name: string;
  readonly breaks: (node: Host, number: number, first: Host) => Promise<unknown>;
  /** What is said of the way to it, and of the way from it. */
  readonly to: string;
  readonly from: string;
  /** Which of the two is to blame, and how that is known; null where nobody can tell. */
  readonly stopped?: { readonly at: 'it' | 'the first'; readonly obstacle: string; readonly proof: string } | null;
  /** What each of the findings shows. */
  readonly seen?: (number: number) => object;
}

const table = (node: Host, ...lines: readonly string[]) => node.sh(`nft 'table ip cluster {\n${lines.join('\n')}\n}'`);
const dropForwarded = (node: Host) =>
  table(node, 'chain forward {', 'type filter hook forward priority filter; policy drop', '}');
const nat = (hook: 'prerouting' | 'postrouting', ...lines: readonly string[]) => [
  `chain ${hook} {`,
  `type nat hook ${hook} priority ${hook === 'prerouting' ? 'dstnat' : 'srcnat'}`,
  ...lines,
  '}',
];
const masquerade = (node: Host, number: number) =>
  table(node, ...nat('postrouting', `ip saddr 10.244.${number}.0/24 oifname { "eth0", "flannel.1" } masquerade`));
/** What comes by eth0 would be answered by eth1. */
const crossed = 'ip route replace 10.244.1.0/24 via 10.78.0.1';
const strictFilter = (node: Host) => node.sh(`sysctl -qw net.ipv4.conf.eth0.rp_filter=1; ${crossed}`);
const narrow = (node: Host) => atSwitch(node, 'eth0', (port) => `link set dev ${port} mtu 1400`);

const LOST = { to: 'request-lost', from: 'request-lost' } as const;
const NO_ANSWER = { to: 'request-lost', from: 'reply-lost' } as const;
const OPEN = { to: 'open', from: 'open' } as const;
const STALLED = { to: 'stalled, udp open', from: 'stalled, udp open' } as const;

const LOOK_ALIKE: readonly Fault[] = [
  {
    name: 'forwarding is off',
    breaks: (node) => node.sh('sysctl -qw net.ipv4.ip_forward=0'),
    ...LOST,
    stopped: { at: 'it', obstacle: 'forwarding-off', proof: 'counters' },
  },
  {
    name: 'what is forwarded is dropped',
    breaks: dropForwarded,
    ...LOST,
    stopped: { at: 'it', obstacle: 'forward-filter', proof: 'settings' },
  },
  {
    name: 'a reverse path filter, and a route over another interface',
    breaks: strictFilter,
    ...NO_ANSWER,
    stopped: { at: 'it', obstacle: 'reverse-path-filter', proof: 'counters' },
  },
];

const ROUTES: readonly Fault[] = [
  {
    name: 'a route is missing',
    breaks: (_, number, first) => first.sh(`ip route delete 10.244.${number}.0/24`),
    to: 'rejected, udp request-lost',
    from: 'reply-lost',
    stopped: { at: 'the first', obstacle: 'no-route', proof: 'counters' },
  },
  { name: 'a route over another interface, and no filter', breaks: (node) => node.sh(crossed), ...OPEN },
  {
    name: 'a route over another node',
    breaks: (_, number, first) => first.sh(`ip route replace 10.244.${number}.0/24 via 10.77.0.2`),
    ...OPEN,
  },
  {
    name: 'a link without a cable',
    breaks: (node) => atSwitch(node, 'eth0', (port) => `link set dev ${port} down`),
    ...LOST,
    stopped: null,
  },
];

const sourceOf = (source: string) => (number: number) => ({
  probe: { from: { address: `10.244.${number}.10` }, receiver: { source: source.replace('N', String(number)) } },
  message: expect.stringContaining(source.replace('N', String(number))),
});

const CHANGED: readonly Fault[] = [
  {
    name: 'masquerade behind the address of the node',
    breaks: masquerade,
    to: 'open',
    from: 'source-rewritten',
    seen: sourceOf('10.77.0.N'),
  },
  { name: 'a narrow path that nobody tells of', breaks: narrow, ...STALLED, stopped: null },
];

const OVERLAY: readonly Fault[] = [
  {
    name: 'its port is dropped',
    breaks: (node) => rules(node, { input: ['udp dport 8472 drop'] }),
    ...NO_ANSWER,
    stopped: null,
  },
  {
    name: 'its port is rejected',
    breaks: (node) => rules(node, { input: ['udp dport 8472 reject'] }),
    ...NO_ANSWER,
    stopped: null,
  },
  {
    name: 'another network number',
    breaks: (node, number) => retunnel(node, number, [1], 'dev eth0 id 2'),
    ...LOST,
    stopped: null,
  },
];

const IN_OVERLAY: readonly Fault[] = [
  {
    // Inside the network of the pods, and of no pod.
    name: 'masquerade behind the address of the tunnel',
    breaks: masquerade,
    to: 'open',
    from: 'source-rewritten',
    seen: sourceOf('10.244.N.0'),
  },
  { name: 'a narrow path that nobody tells of', breaks: narrow, ...STALLED },
];

/** Bound to no other device, a tunnel takes any MTU. */
const wide = (node: Host, number: number, options = '') =>
  retunnel(
    node,
    number,
    [1, 2, 3, 4, 5].filter((other) => other !== number),
    `id 1 ${options}`,
    1500,
  );

const TOO_WIDE: readonly Fault[] = [
  { name: 'it cuts packets in pieces', breaks: (node, number) => wide(node, number), ...OPEN },
  { name: 'it may not cut them', breaks: (node, number) => wide(node, number, 'df set'), ...STALLED },
  {
    name: 'pieces are dropped on the way',
    breaks: async (node, number) => {
      await wide(node, number);
      // Before the kernel has put them together.
      const early = 'type filter hook prerouting priority -450';
      await table(node, 'chain early {', early, 'ip frag-off & 0x3fff != 0 drop', '}');
    },
    ...STALLED,
  },
];

const LABS: readonly (readonly [name: string, networking: Networking, faults: readonly Fault[]])[] = [
  ['faults that look alike from outside', {}, LOOK_ALIKE],
  ['routes', {}, ROUTES],
  ['addresses and sizes', {}, CHANGED],
  ['an overlay that is shut', { mode: 'vxlan' }, OVERLAY],
  ['addresses and sizes in an overlay', { mode: 'vxlan' }, IN_OVERLAY],
  ['an overlay that takes more than fits', { mode: 'vxlan', mtu: 1500 }, TOO_WIDE],
];

for (const [name, networking, faults] of LABS)
  labTest(name, async ({ lab }) => {
    // The second node is well, so that what is said of the others is theirs.
    const nodes = await makeNodes(lab, faults.length + 2, networking);
    for (const [index, node] of nodes.entries()) await addPods(node, index + 1, 1, networking);
    await listenWithPods(nodes.slice(1), 'existing');
    const [first, second] = nodes;
    if (first === undefined || second === undefined) return;
    if (networking.mtu !== undefined)
      for (const [index, node] of [first, second].entries()) await wide(node, index + 1);
    for (const [index, { breaks }] of faults.entries()) {
      const node = nodes[index + 2];
      if (node !== undefined) await breaks(node, index + 3, first);
    }
    const findings = await tried(nodes, ...ACROSS, ...peersOf(nodes));
    const expected = faults.flatMap(({ to, from }, index) => [
      [`n1→n${index + 3}`, to],
      [`n${index + 3}→n1`, from],
    ]);
    expect(ways(findings)).toEqual({ 'n1→n2': 'open', 'n2→n1': 'open', ...Object.fromEntries(expected) });
    for (const [index, { stopped, seen }] of faults.entries()) {
      const node = `n${index + 3}`;
      for (const finding of findings.filter(({ nodes: each, reason }) => each.includes(node) && reason !== 'open')) {
        expect(finding).toMatchObject({ status: 'fail', ...seen?.(index + 3) });
        if (stopped === undefined) continue;
        const blamed = stopped && { ...stopped, at: undefined, machine: stopped.at === 'it' ? node : 'n1' };
        expect(finding.evidence?.['stopped']).toEqual(blamed);
      }
    }
  });

labTest('a rule that sends packets to another pod', async ({ lab }) => {
  const nodes = await makeNodes(lab, 3);
  for (const [index, node] of nodes.entries()) await addPods(node, index + 1, 1);
  await listenWithPods(nodes.slice(1), 'existing');
  const elsewhere = 'ip saddr 10.244.1.0/24 ip daddr 10.244.2.10 meta l4proto tcp dnat to 10.244.3.10';
  for (const node of nodes.slice(1, 2))
    await table(node, ...nat('prerouting', elsewhere), ...nat('postrouting', 'ip daddr 10.244.3.10 masquerade'));
  const findings = await tried(nodes, ...ACROSS, ...peersOf(nodes));
  expect(ways(findings)).toMatchObject({ 'n1→n2': 'wrong-host, udp open', 'n2→n1': 'open', 'n3→n1': 'open' });
  const wrong = findings.find(({ reason }) => reason === 'wrong-host');
  expect(wrong?.message).toContain('n3 answered at 10.244.2.10');
});

labTest('throw-away pods: the three that look alike from outside are told apart', async ({ lab }) => {
  const nodes = await makeNodes(lab, 4);
  const [own, closed, filtered, unforwarded] = nodes;
  if (own === undefined || closed === undefined || filtered === undefined || unforwarded === undefined) return;
  await dropForwarded(closed);
  await strictFilter(filtered);
  await listenWithPods(nodes.slice(1));
  // Switched off once the plugin has switched it on.
  await unforwarded.sh(`mv ${BIN_DIR}/bridge ${BIN_DIR}/real`);
  const switchOff = `/usr/lib/cni/bridge; code=$?; [ $CNI_COMMAND != ADD ] || sysctl -qw net.ipv4.ip_forward=0; exit $code`;
  unforwarded.write(`${BIN_DIR}/bridge`, `#!/bin/sh\n${switchOff}\n`, 0o755);
  const args = ['--only', 'pods/cross-node', '--pods', 'throw-away', '--token-file', TOKEN_FILE] as const;
  const { checks } = await own.check(...args, ...peersOf(nodes));
  const found = checks.flatMap(({ findings }) => findings);
  const blamed = new Map(
    found
      .filter(({ nodes: [from], reason }) => from === 'n1' && reason === 'request-lost')
      .map(({ nodes: [, to], evidence }) => [to, evidence?.['stopped']]),
  );
  expect(Object.fromEntries(blamed)).toEqual({
    n2: { machine: 'n2', obstacle: 'forward-filter', proof: 'settings' },
    n3: { machine: 'n3', obstacle: 'reverse-path-filter', proof: 'counters' },
    n4: { machine: 'n4', obstacle: 'forwarding-off', proof: 'counters' },
  });
});

labTest('one family of two: IPv6 is not forwarded', async ({ lab }) => {
  const families = [4, 6] as const;
  const nodes = await makeNodes(lab, 2, { families });
  for (const [index, node] of nodes.entries()) await addPods(node, index + 1, 1, { families });
  await listenWithPods(nodes.slice(1), 'existing');
  await nodes[1]?.sh('sysctl -qw net.ipv6.conf.all.forwarding=0');
  const found = await tried(nodes, ...ACROSS, ...peersOf(nodes));
  expect(found.filter(({ subject }) => !subject?.endsWith('IPv6')).map(({ reason }) => reason)).toEqual(
    Array(4).fill('open'),
  );
  const broken = found.filter(({ subject }) => subject?.endsWith('IPv6'));
  expect(broken).toHaveLength(4);
  for (const { evidence, reason } of broken) {
    expect(reason).toBe('request-lost');
    expect(evidence?.['stopped']).toMatchObject({ machine: 'n2', obstacle: 'forwarding-off' });
  }
});

labTest('a mesh with one node that masquerades: every way from it', async ({ lab }) => {
  const nodes = await makeNodes(lab, 3);
  const elsewhere = await lab.host('op', '10.78.0.100/24');
  await listenWithPods(nodes);
  for (const node of nodes.slice(1, 2)) await masquerade(node, 2);
  const peers = [1, 2, 3].flatMap((number) => ['--peer', `10.78.0.${number}`]);
  const args = ['--only', 'pods', '--pods', 'throw-away', '--token-file', TOKEN_FILE] as const;
  const { code, stdout } = await elsewhere.cli('mesh', '--json', ...args, ...peers);
  expect(code).toBe(2);
  const { verdict, checks } = reportSchema.parse(JSON.parse(stdout));
  expect(verdict).toBe('not-ready');
  const faults = checks.flatMap(({ findings }) => findings).filter(({ status }) => status !== 'pass');
  expect(faults.map(({ nodes: [from, to], reason, probe }) => [from, to, reason, probe?.receiver.source])).toEqual([
    ['n2', 'n1', 'source-rewritten', '10.77.0.2'],
    ['n2', 'n1', 'source-rewritten', '10.77.0.2'],
    ['n2', 'n3', 'source-rewritten', '10.77.0.2'],
    ['n2', 'n3', 'source-rewritten', '10.77.0.2'],
  ]);
});
