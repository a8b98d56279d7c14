import { describe, expect, test } from 'vitest';
import check from '../../../checks/pods/cross-node.ts';
import type { PodWay } from '../../../src/evidence/pods.ts';
import type { Probed } from '../../../src/evidence/probes.ts';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import type { Settings } from '../../../src/plan/settings.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import type { Finding } from '../../../src/report/schema.ts';
import { inCluster, knocked, targetPod } from '../../judging/cluster-pods.ts';
import { call, DROPPING, none, passed, pod, pods, podWay, way, wayRequest } from '../../judging/pods.ts';
import { failed, nothing, of20, reach, receiver, refused, sender, silence } from '../../judging/reach.ts';

const unread = { unread: 'unsupported', detail: 'not read here' } as const;
const facts = {
  sysctls: unread,
  sysctlFiles: unread,
  firewall: unread,
  clusterNodes: unread,
  clusterPods: unread,
  clusterPolicies: unread,
};
const pair = [{ facts }, { facts }];
const plan: Partial<Settings> = { pods: 'throw-away' };
const both = [pods('w1', {}, 1), pods('w2', {}, 1)];

const lost = reach(silence({ address: null, answeredBy: null }), nothing(), { attempts: 2 });
const OPEN = podWay('w1/0', 'w2/0').tcp;
const tcp = (each: PodWay['tcp'], changes: Partial<PodWay> = {}) => [
  ...both,
  way('w1/0', 'w2/0', { tcp: each, ...changes }),
];
const UDP: Partial<Finding> = { nodes: ['w1', 'w2'], subject: 'pod → pod udp', reason: 'open' };
const single = (name: string, probed: Probed[], expected: Partial<Finding>, said: Partial<Settings> = plan) => ({
  name,
  nodes: pair,
  plan: said,
  probed,
  expect: [{ nodes: ['w1', 'w2'], subject: 'pod → pod tcp', ...expected }, UDP],
});
/** Pods of w2 cannot be had: one finding, whatever was to be sent to them and by them. */
const absent = (name: string, probed: Probed, expected: Partial<Finding>) => ({
  name,
  nodes: pair,
  plan,
  probed: [
    pods('w1', {}, 1),
    probed,
    way('w1/0', 'w2/0', { unread: 'undecided', machine: 'w2', detail: 'no pod of w2 could take part' }),
    way('w2/0', 'w1/0', { unread: 'undecided', machine: 'w2', detail: 'no pod of w2 could take part' }),
  ],
  expect: [{ nodes: ['w2'], subject: 'pods', ...expected }],
});

/** No machine has any. */
const everywhere = (name: string, why: 'no-network' | 'needs-real-pod') => ({
  name,
  nodes: pair,
  plan,
  probed: [pods('w1', none(why), 1), pods('w2', none(why), 1)],
  expect: ['w1', 'w2'].map((node) => ({ nodes: [node], subject: 'pods', status: 'skip' as const, reason: why })),
});

const dropping = { value: { managers: [], chains: [DROPPING], unread: null, unreadWhy: null } };
const off = { value: { values: { 'net/ipv4/ip_forward': '0' }, denied: [] } };
const mesh = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ node: { name: `w${index + 1}`, self: false }, facts }));

testCheck(
  check,
  {
    probes: [
      {
        name: 'a cluster is named, and this node is alone: pods of the others, and of its own for comparison',
        nodes: [
          { node: { self: true, stage: 'joined', addresses: ['10.0.0.1'] }, facts: { ...facts, ...inCluster() } },
        ],
        plan: { pods: 'existing' },
        expect: [
          { kind: 'pods', machine: 'w1', how: 'existing', count: 1 },
          ...['10.244.1.10', '10.244.2.10', '10.244.2.11', '10.244.3.10', '10.244.3.11'].map((address) => ({
            kind: 'endpoint' as const,
            from: 'w1',
            pod: 0,
            address,
            port: 8080,
            behind: [],
          })),
        ],
      },
      {
        name: 'a cluster is named, and pods are to be thrown away: nothing goes to real ones',
        nodes: [
          { node: { self: true, stage: 'joined', addresses: ['10.0.0.1'] }, facts: { ...facts, ...inCluster() } },
        ],
        plan: { pods: 'throw-away' },
        expect: [],
      },
      {
        name: 'a pod of each machine, both directions',
        nodes: pair,
        plan,
        expect: [
          { kind: 'pods', machine: 'w1', how: 'throw-away', count: 1 },
          { kind: 'pods', machine: 'w2', how: 'throw-away', count: 1 },
          wayRequest('w1/0', 'w2/0'),
          wayRequest('w2/0', 'w1/0'),
        ],
      },
      {
        name: 'one of two could not be had: no pods are made for nothing',
        nodes: [{ facts }, { facts, unreachable: 'silence' }],
        plan,
        expect: [],
      },
    ],
    compare: [
      {
        name: 'real pods of other nodes: one is reached, and one node has none',
        nodes: [
          {
            node: { self: true, stage: 'joined', addresses: ['10.0.0.1'] },
            facts: { ...facts, ...inCluster({ pods: [targetPod(2, 0), targetPod(2, 1)] }) },
          },
        ],
        plan: { pods: 'existing' },
        probed: [pods('w1', {}, 1, 'existing'), ...knocked({ '10.244.2.10': 'silence', '10.244.2.11': 'accepted' })],
        expect: [
          { nodes: ['w1'], subject: 'pod → pods of w2', reason: 'open', status: 'pass' },
          { nodes: ['w1'], subject: 'pod → pods of w3', reason: 'no-target', status: 'skip' },
        ],
      },
      {
        name: 'both directions are open',
        nodes: pair,
        plan,
        probed: [...both, way('w1/0', 'w2/0'), way('w2/0', 'w1/0')],
        expect: [
          { nodes: ['w1', 'w2'], subject: 'pod → pod tcp', reason: 'open', status: 'pass' },
          { nodes: ['w1', 'w2'], subject: 'pod → pod udp', reason: 'open' },
          { nodes: ['w2', 'w1'], subject: 'pod → pod tcp', reason: 'open' },
          { nodes: ['w2', 'w1'], subject: 'pod → pod udp', reason: 'open' },
        ],
      },
      single('lost, and nothing shows where', tcp(lost), {
        reason: 'request-lost',
        remedy: {
          text: 'Look at forwarding and at the rules for what is forwarded on w1 and on w2, then at the route from each to the pods of the other, then between them: an overlay needs its port (--cni names the add-on, ports/reachable tries it), and without one the network between the nodes has to know where pods are.',
          commands: ['ip route get 10.244.2.10', 'nft list ruleset'],
        },
      }),
      single('refused by a rule', tcp(reach(refused(), nothing())), { reason: 'rejected' }),
      single(
        'masqueraded to an address of the overlay, which lies in the pod network',
        tcp(reach(sender({ address: '10.244.1.10' }), receiver({ source: '10.244.1.0' }))),
        {
          reason: 'source-rewritten',
          status: 'fail',
          actual: 'it comes from 10.244.1.0',
          message:
            'It reached pod 0 of w2 from 10.244.1.0 and not from 10.244.1.10: there is NAT in between. 10.244.1.0 lies in the network of the pods, and is not 10.244.1.10.',
        },
      ),
      single(
        'masqueraded to the node, though the kernel did not tell the address of the socket',
        tcp(reach(sender({ address: null }), receiver({ source: '10.0.0.11' }))),
        {
          reason: 'source-rewritten',
          message: 'It reached pod 0 of w2 from 10.0.0.11 and not from 10.244.1.10: there is NAT in between.',
        },
      ),
      single('the answer was lost', tcp(reach(silence(), receiver({ answered: 0 }))), { reason: 'reply-lost' }),
      single('lost, and nobody knows where', tcp(reach(silence(), nothing({ cookies: 3 }))), { reason: 'lost' }),
      single(
        'the third packet is lost',
        tcp(reach(sender({ outcome: 'accepted', answeredBy: null }), nothing({ halfOpen: 1 }))),
        {
          reason: 'half-open',
        },
      ),
      single('somebody else', tcp(reach(sender({ answeredBy: 'w1' }), nothing())), { reason: 'wrong-host' }),
      single(
        '200 kB stand still',
        tcp(OPEN, { bulk: { port: 1, bytes: 200_000, arrived: 0, returned: 0, ms: 5_000, stalled: true } }),
        {
          reason: 'stalled',
          remedy: {
            text: 'Give pods a smaller MTU: what they send (up to 1450 bytes, and what the add-on adds) does not fit through between w1 and w2, and nobody tells them. network/mtu measures what does.',
            commands: ['ip link'],
          },
        },
      ),
      single('the pod has no way out', tcp(reach(failed('ENETUNREACH', { atOnce: true }), nothing())), {
        reason: 'blocked-locally',
      }),
      single('nobody answers ARP', tcp(reach(failed('EHOSTUNREACH', { neighbour: 'failed' }), nothing())), {
        reason: 'no-neighbour',
      }),
      single('no port', tcp(reach(silence({ sent: 0 }), nothing({ listener: 'unavailable', detail: 'EMFILE' }))), {
        reason: 'listener-unavailable',
      }),
      single('a machine too loaded', tcp(reach(silence(), nothing(), { undecided: 'w2 was too loaded to tell' })), {
        reason: 'undecided',
        message: 'Whether pod 0 of w1 reaches tcp/6443 of pod 0 of w2 could not be decided: w2 was too loaded to tell.',
      }),
      {
        name: 'datagrams are lost in part',
        nodes: pair,
        plan,
        probed: [
          ...both,
          way('w1/0', 'w2/0', {
            udp: reach(
              sender({ address: '10.244.1.10', answers: of20(12) }),
              receiver({ source: '10.244.1.10', requests: of20(12) }),
            ),
          }),
        ],
        expect: [
          { subject: 'pod → pod tcp', reason: 'open' },
          { subject: 'pod → pod udp', reason: 'lossy' },
        ],
      },
      {
        name: 'each node gives out the same range: one finding for the address, and none for what became of it',
        nodes: pair,
        plan,
        probed: [
          ...both,
          way('w1/0', 'w2/0', { address: '10.244.1.10', tcp: reach(sender({ answeredBy: 'w1' }), nothing()) }),
        ],
        expect: [
          {
            nodes: ['w1', 'w2'],
            subject: '10.244.1.10',
            reason: 'duplicate-address',
            message: 'Pod 0 of w1 and pod 0 of w2 have one address: 10.244.1.10.',
          },
        ],
      },
      everywhere('no network yet', 'no-network'),
      everywhere('an add-on that needs real pods', 'needs-real-pod'),
      absent('no network where the other has one', pods('w2', none('no-network'), 1), {
        status: 'unknown',
        reason: 'undecided',
      }),
      absent('a broken network', pods('w2', none('broken-network'), 1), { reason: 'broken-network' }),
      absent('no pods', pods('w2', none('no-pods'), 1), { reason: 'no-pods' }),
      absent('a peer that was not told', pods('w2', none('not-allowed'), 1), { reason: 'not-allowed' }),
      absent('another run', pods('w2', none('busy'), 1), { reason: 'busy' }),
      absent('a chain that fails', pods('w2', { pods: [pod('w2', 0, { add: call() })] }, 1), { reason: 'pod-failed' }),
      {
        name: 'a machine whose control channel could not be had',
        nodes: [{ facts }, { facts, unreachable: 'w2 has another token.' }],
        plan,
        probed: [],
        expect: [{ nodes: ['w1', 'w2'], reason: 'peer-unreachable', message: 'w2 has another token.' }],
      },
      {
        name: 'a large mesh',
        nodes: mesh(51),
        plan,
        probed: [],
        expect: [{ reason: 'sampled', status: 'skip' }],
      },
    ],
  },
  test,
);

const NODE = {
  self: false,
  roles: ['worker'],
  stage: 'fresh',
  kubernetesVersion: '1.36',
  versionFrom: 'default',
  addresses: [],
} as const;

type Known = Parameters<NonNullable<typeof check.compare>>[0][number]['facts'];

/** What is said of TCP from the pod of w1 to that of w2. */
function judged(probed: readonly Probed[], known: Partial<Known>[] = [], said: Partial<Settings> = {}) {
  const nodes = ['w1', 'w2'].map((name, index) => ({ node: { ...NODE, name }, facts: { ...facts, ...known[index] } }));
  return check.compare?.(nodes, { plan: { ...DEFAULTS, ...plan, ...said }, probed, sent: true })[0];
}

describe('three faults that look alike from outside', () => {
  test('forwarding is off, by the counters of the receiver’s node', () => {
    const found = judged(tcp(lost, { passed: { from: passed({ forwarded: 3 }), to: passed({ addressErrors: 3 }) } }));
    expect(found).toMatchObject({
      reason: 'request-lost',
      message:
        'Lost on the way to pod 0 of w2: nothing from pod 0 of w1 reached pod 0 of w2’s listener. w2 counted 3 packets for others that it does not forward.',
      remedy: {
        text: 'On w2 turn IPv4 forwarding on, now and at each boot; kernel/ip-forward there says what turned it off, which may be the setting of one interface: the last line shows those.',
        commands: [
          "printf '%s\\n' '' 'net.ipv4.ip_forward = 1' >> /etc/sysctl.d/90-kubernetes.conf && sysctl -p /etc/sysctl.d/90-kubernetes.conf",
          "sysctl -a --pattern '^net\\.ipv4\\.conf\\..*\\.forwarding'",
        ],
      },
      evidence: { stopped: { machine: 'w2', obstacle: 'forwarding-off', proof: 'counters' } },
    });
  });

  test('the reverse path filter', () => {
    expect(judged(tcp(lost, { passed: { from: passed(), to: passed({ reversePathFiltered: 2 }) } }))).toMatchObject({
      evidence: { stopped: { machine: 'w2', obstacle: 'reverse-path-filter', proof: 'counters' } },
    });
  });

  test('a FORWARD policy of drop, by the rules: a kernel counts as forwarded what they drop', () => {
    const through = passed({ forwarded: 3, received: 3 });
    const found = judged(tcp(lost, { passed: { from: through, to: through } }), [{}, { firewall: dropping }]);
    expect(found).toMatchObject({
      reason: 'request-lost',
      evidence: { stopped: { machine: 'w2', obstacle: 'forward-filter', proof: 'settings' } },
    });
  });
});

test('an answer that was lost stopped at the receiver’s node first', () => {
  const found = judged(tcp(reach(silence(), receiver({ answered: 0 }))), [
    { firewall: dropping },
    { firewall: dropping },
  ]);
  expect(found).toMatchObject({ reason: 'reply-lost', evidence: { stopped: { machine: 'w2' } } });
});

test('forwarding that a plugin switched on for the run explains nothing', () => {
  const putBack = [{ what: 'sysctl', name: 'net.ipv4.ip_forward', before: '0', after: '1' }] as const;
  const probed = (...switched: string[]) => [
    ...['w1', 'w2'].map((name) => pods(name, switched.includes(name) ? { putBack } : {}, 1)),
    way('w1/0', 'w2/0', { tcp: lost }),
  ];
  const known = [{ sysctls: off }, { sysctls: off }];
  expect(judged(probed('w1'), known)).toMatchObject({ evidence: { stopped: { machine: 'w2' } } });
  expect(judged(probed('w1', 'w2'), known)).toMatchObject({ evidence: { stopped: null } });
});

test('where an answer was lost the remedy begins on the node that gave it', () => {
  const answered = receiver({ answered: 0, source: '10.244.1.10' });
  expect(judged(tcp(reach(silence(), answered)))).toMatchObject({
    reason: 'reply-lost',
    remedy: {
      text: expect.stringContaining('on w2 look at the route to 10.244.1.10'),
      commands: ['ip route get 10.244.1.10', 'nft list ruleset'],
    },
  });
});

test('a missing route: by the counters, or by the error that came back', () => {
  const stopped = { machine: 'w1', obstacle: 'no-route' };
  expect(judged(tcp(lost, { passed: { from: passed({ noRoutes: 2 }), to: passed() } }))).toMatchObject({
    reason: 'request-lost',
    evidence: { stopped: { ...stopped, proof: 'counters' } },
  });
  expect(judged(tcp(reach(failed('ENETUNREACH'), nothing(), { attempts: 2 })))).toMatchObject({
    reason: 'rejected',
    evidence: { stopped: { ...stopped, proof: 'settings' } },
  });
});

test('what the add-on needs between nodes is named', () => {
  const text = (cni: string) => judged(tcp(lost), [], { cni })?.remedy?.text;
  expect(text('flannel')).toContain('flannel needs udp/8472 (VXLAN), which ports/reachable tries with --cni');
  expect(text('flannel-host-gw')).toContain('flannel needs both nodes on one link that takes packets of pods');
  expect(text('calico-ipip')).toContain('IP protocol 4 (IP-in-IP)');
});

test('a NetworkPolicy looks the same on existing pods', () => {
  const probed = [
    pods('w1', {}, 1, 'existing'),
    pods('w2', {}, 1, 'existing'),
    way('w1/0', 'w2/0', { tcp: lost }, 'existing'),
  ];
  const remedy = judged(probed, [], { pods: 'existing' })?.remedy;
  expect(remedy?.text).toContain('A NetworkPolicy that selects the pod looks the same.');
  expect(remedy?.commands).toContain('kubectl get networkpolicies --all-namespaces');
  const proved = { tcp: lost, passed: { from: passed(), to: passed({ noRoutes: 2 }) } };
  const known = judged([...probed.slice(0, 2), way('w1/0', 'w2/0', proved, 'existing')], [], { pods: 'existing' });
  expect(known?.evidence?.['stopped']).toMatchObject({ proof: 'counters' });
  expect(known?.remedy?.text).not.toContain('NetworkPolicy');
});

test('nodes whose ranges are one: a pod looks for the other on its own link', () => {
  const probed = [
    pods('w1', { pods: [pod('w1', 0, { addresses: ['10.244.1.10/16'] })] }, 1),
    pods('w2', {}, 1),
    way('w1/0', 'w2/0', { tcp: reach(failed('EHOSTUNREACH', { neighbour: 'failed' }), nothing()) }),
  ];
  expect(judged(probed)?.remedy?.text).toContain('Pods of both nodes take 10.244.0.0/16 for their own link.');
});

test('pairs with this node where it takes part, all of them in a mesh, a ring in a large one', () => {
  const ways = (nodes: readonly { node: { name: string; self: boolean } }[]) => {
    const asked = check.probes?.(
      nodes.map(({ node }) => ({
        node: { ...NODE, ...node },
        facts,
      })),
      { plan: { ...DEFAULTS, ...plan } },
    );
    return (asked ?? []).filter(({ kind }) => kind === 'pod-way').length;
  };
  const three = mesh(3);
  expect(ways(three)).toBe(6);
  expect(ways(three.map((each, index) => ({ node: { ...each.node, self: index === 0 } })))).toBe(4);
  expect(ways(mesh(60))).toBe(600);
});
