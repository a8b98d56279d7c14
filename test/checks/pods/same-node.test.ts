import { expect, test } from 'vitest';
import check from '../../../checks/pods/same-node.ts';
import type { PodsResult, PodWay } from '../../../src/evidence/pods.ts';
import type { Probed } from '../../../src/evidence/probes.ts';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import type { Finding } from '../../../src/report/schema.ts';
import { call, DROPPING, none, passed, pod, pods, podWay, way, wayRequest } from '../../judging/pods.ts';
import { failed, nothing, of20, reach, receiver, refused, sender, silence } from '../../judging/reach.ts';

const unread = { unread: 'unsupported', detail: 'not read here' } as const;
const nodes = [{ facts: { sysctls: unread, sysctlFiles: unread, firewall: unread } }];
const plan = { pods: 'throw-away' } as const;

const from0 = sender({ address: '10.244.1.10' });
const at = (address: string) => receiver({ source: address });
/** What came of TCP from pod 0 to pod 1; UDP is open. */
const tcp = (each: PodWay['tcp'], changes: Partial<PodWay> = {}) => [
  pods('w1'),
  way('w1/0', 'w1/1', { tcp: each, ...changes }),
];
const lost = reach(silence({ address: null }), nothing(), { attempts: 2 });
const UDP: Partial<Finding> = { subject: 'pod 0 → pod 1 udp', reason: 'open', status: 'pass' };
const single = (name: string, probed: Probed[], expected: Partial<Finding>) => ({
  name,
  nodes,
  plan,
  probed,
  expect: [{ nodes: ['w1'], subject: 'pod 0 → pod 1 tcp', ...expected }, UDP],
});
const absent = (name: string, probed: Probed, expected: Partial<Finding>) => ({
  name,
  nodes,
  plan,
  probed: [probed, way('w1/0', 'w1/1', { unread: 'undecided', machine: 'w1', detail: 'no pod of w1 could take part' })],
  expect: [{ nodes: ['w1'], subject: 'pods', ...expected }],
});

testCheck(
  check,
  {
    probes: [
      {
        name: 'two pods, both directions, and the node',
        nodes,
        plan,
        expect: [
          { kind: 'pods', machine: 'w1', how: 'throw-away', count: 2 },
          wayRequest('w1/0', 'w1/1'),
          wayRequest('w1/1', 'w1/0'),
          wayRequest('w1', 'w1/0'),
          wayRequest('w1/0', 'w1'),
        ],
      },
      {
        name: 'existing pods, and nothing of a machine that could not be had',
        nodes: [...nodes, { facts: nodes[0]!.facts, unreachable: 'silence' }],
        plan: { pods: 'existing' },
        expect: [
          { kind: 'pods', machine: 'w1', how: 'existing', count: 2 },
          wayRequest('w1/0', 'w1/1', 'existing'),
          wayRequest('w1/1', 'w1/0', 'existing'),
          wayRequest('w1', 'w1/0', 'existing'),
          wayRequest('w1/0', 'w1', 'existing'),
        ],
      },
    ],
    compare: [
      {
        name: 'all is open',
        nodes,
        plan,
        probed: [pods('w1'), way('w1/0', 'w1/1'), way('w1', 'w1/0'), way('w1/0', 'w1')],
        expect: [
          {
            subject: 'pod 0 → pod 1 tcp',
            reason: 'open',
            message: 'pod 0 of w1 reaches pod 1 of w1, and the answer comes back.',
          },
          UDP,
          { subject: 'node → pod 0 tcp', reason: 'open' },
          { subject: 'node → pod 0 udp', reason: 'open' },
          { subject: 'pod 0 → node tcp', reason: 'open' },
          { subject: 'pod 0 → node udp', reason: 'open' },
        ],
      },
      {
        name: 'two families: the second says so',
        nodes,
        plan,
        probed: [
          pods('w1'),
          way('w1/0', 'w1/1', [
            podWay('w1/0', 'w1/1'),
            podWay('w1/0', 'w1/1', {
              family: 6,
              source: 'fd00::10',
              address: 'fd00::11',
              tcp: reach(sender({ address: 'fd00::10', answeredBy: 'w1' }), at('fd00::10')),
              udp: lost,
            }),
          ]),
        ],
        expect: [
          { subject: 'pod 0 → pod 1 tcp', reason: 'open' },
          { subject: 'pod 0 → pod 1 udp', reason: 'open' },
          { subject: 'pod 0 → pod 1 tcp over IPv6', reason: 'open' },
          { subject: 'pod 0 → pod 1 udp over IPv6', reason: 'request-lost' },
        ],
      },
      single('refused by a rule', tcp(reach(refused(), nothing(), { attempts: 2 })), {
        reason: 'rejected',
        status: 'fail',
      }),
      single('nothing arrived', tcp(lost), {
        reason: 'request-lost',
        message: 'Lost on the way to pod 1 of w1: nothing from pod 0 of w1 reached pod 1 of w1’s listener.',
        probe: {
          from: { node: 'w1', address: '10.244.1.10', pod: '10.244.1.10' },
          to: { node: 'w1', address: '10.244.1.11', protocol: 'tcp', port: '6443', pod: '10.244.1.11' },
          purpose: 'pod → pod',
          attempts: 2,
          proof: null,
          sender: { outcome: 'silence', errno: null, waitedMs: 1500, rttMs: null },
          receiver: { listener: 'ours', arrived: 0, answered: 0, source: null },
        },
        remedy: {
          text: 'On w1 look at the rules for what is forwarded: they hold for bridged packets too where net.bridge.bridge-nf-call-iptables is 1.',
          commands: ['nft list ruleset', 'sysctl net.bridge.bridge-nf-call-iptables'],
        },
      }),
      single('the answer was lost', tcp(reach(silence(), receiver({ arrived: 1, answered: 0 }))), {
        reason: 'reply-lost',
      }),
      single('lost, and nobody knows where', tcp(reach(silence(), nothing({ cookies: 3 }))), { reason: 'lost' }),
      single('a pod that could no longer say', tcp(reach(from0, null)), { reason: 'undecided' }),
      single(
        'the third packet is lost',
        tcp(reach(sender({ outcome: 'accepted', answeredBy: null }), nothing({ halfOpen: 1 }))),
        { reason: 'half-open' },
      ),
      single(
        'seen under an address of the bridge',
        tcp(reach(sender({ address: '10.244.1.10', answeredBy: 'w1' }), at('10.244.1.1'))),
        {
          reason: 'source-rewritten',
          status: 'fail',
          expected: 'it comes from 10.244.1.10',
          actual: 'it comes from 10.244.1.1',
          message:
            'It reached pod 1 of w1 from 10.244.1.1 and not from 10.244.1.10: there is NAT in between. 10.244.1.1 lies in the network of the pods, and is not 10.244.1.10.',
        },
      ),
      single('somebody else', tcp(reach(sender({ answeredBy: null }), nothing())), { reason: 'wrong-host' }),
      single(
        '200 kB stand still',
        tcp(podWay('w1/0', 'w1/1').tcp, {
          bulk: { port: 6443, bytes: 200_000, arrived: 0, returned: 0, ms: 5000, stalled: true },
        }),
        {
          reason: 'stalled',
          remedy: {
            text: 'On w1 give both ends of the way one MTU: that of the bridge or of an interface between them is smaller than the 1450 bytes of the pod, and nobody tells the pod.',
            commands: ['ip link'],
          },
        },
      ),
      single('its own kernel does not let it out', tcp(reach(failed('ENETUNREACH', { atOnce: true }), nothing())), {
        reason: 'blocked-locally',
      }),
      single('nobody answers ARP', tcp(reach(failed('EHOSTUNREACH', { neighbour: 'failed' }), nothing())), {
        reason: 'no-neighbour',
      }),
      single('no port', tcp(reach(silence({ sent: 0 }), nothing({ listener: 'unavailable', detail: 'EMFILE' }))), {
        reason: 'listener-unavailable',
      }),
      single('a port that is not ours to judge', tcp(reach(silence(), nothing({ listener: 'none' }))), {
        reason: 'undecided',
        status: 'unknown',
      }),
      {
        name: 'datagrams are lost in part',
        nodes,
        plan,
        probed: [
          pods('w1'),
          way('w1/0', 'w1/1', {
            udp: reach(
              sender({ address: '10.244.1.10', answeredBy: 'w1', answers: of20(12) }),
              receiver({ source: '10.244.1.10', requests: of20(12) }),
            ),
          }),
        ],
        expect: [
          { subject: 'pod 0 → pod 1 tcp', reason: 'open' },
          { subject: 'pod 0 → pod 1 udp', reason: 'lossy', status: 'warn' },
        ],
      },
      {
        name: 'NAT between a pod and its node: no fault between pods',
        nodes,
        plan,
        probed: [
          pods('w1'),
          way('w1/0', 'w1', { tcp: reach(sender({ address: '10.244.1.10', answeredBy: 'w1' }), at('192.0.2.1')) }),
          way('w1', 'w1/0'),
        ],
        expect: [
          { subject: 'pod 0 → node tcp', reason: 'source-rewritten-at-node', status: 'warn' },
          { subject: 'pod 0 → node udp', reason: 'open' },
          { subject: 'node → pod 0 tcp', reason: 'open' },
          { subject: 'node → pod 0 udp', reason: 'open' },
        ],
      },
      {
        name: 'a node that has joined: the kubelet answers, and no other port is opened',
        nodes,
        plan,
        probed: [
          pods('w1'),
          way('w1/0', 'w1', {
            tcp: reach(
              sender({ outcome: 'accepted', answeredBy: null }),
              nothing({ listener: 'owner', detail: 'kubelet (pid 812)', established: 1 }),
            ),
            udp: reach(silence({ sent: 0 }), nothing({ listener: 'none' })),
          }),
        ],
        expect: [
          { subject: 'pod 0 → node tcp', reason: 'open' },
          { subject: 'pod 0 → node udp', reason: 'not-open', status: 'skip' },
        ],
      },
      {
        name: 'two pods with one address',
        nodes,
        plan,
        probed: [pods('w1'), way('w1/0', 'w1/1', { address: '10.244.1.10' })],
        expect: [{ nodes: ['w1'], subject: '10.244.1.10', reason: 'duplicate-address', status: 'fail' }],
      },
      absent('no network yet', pods('w1', none('no-network')), { reason: 'no-network', status: 'skip' }),
      absent('an add-on that needs real pods', pods('w1', none('needs-real-pod', 'Calico asks the API for the pod.')), {
        reason: 'needs-real-pod',
        message:
          'No pods can be made on w1: Calico asks the API for the pod. --pods existing takes pods that are there already.',
      }),
      absent('a broken network', pods('w1', none('broken-network')), { reason: 'broken-network', status: 'unknown' }),
      absent('a peer that was not told', pods('w1', none('not-allowed')), {
        reason: 'not-allowed',
        remedy: {
          text: 'On w1 run `seaworthy listen` with --pods throw-away or --pods existing, as here: that allows it.',
        },
      }),
      absent('another run', pods('w1', none('busy')), { reason: 'busy' }),
      absent('a chain that fails', pods('w1', { pods: [pod('w1', 0, { add: call() }), pod('w1', 1)] }), {
        reason: 'pod-failed',
        status: 'unknown',
        message:
          'Only 1 of 2 pods could be made on w1: bridge says “it went wrong” (code 999: an error of its own, without a code of the specification). There, `seaworthy check --only cni/dry-run` says more.',
      }),
      absent('nobody knows', pods('w1', { unread: 'undecided', machine: 'w1', detail: 'w1 was lost.' }), {
        reason: 'undecided',
      }),
      {
        name: 'existing ones are too few',
        nodes,
        plan: { pods: 'existing' },
        probed: [pods('w1', { pods: [pod('w1')] }, 2, 'existing')],
        expect: [{ subject: 'pods', reason: 'no-pods', status: 'unknown' }],
      },
      {
        name: 'a machine that vanished',
        nodes,
        plan,
        probed: [pods('w1', { unread: 'peer-unreachable', machine: 'w1', detail: 'w1 does not answer.' })],
        expect: [{ reason: 'peer-unreachable', message: 'w1 does not answer.' }],
      },
      {
        name: 'a way that was not tried',
        nodes,
        plan,
        probed: [pods('w1'), way('w1/0', 'w1/1', { unread: 'undecided', machine: 'w1', detail: 'time ran out.' })],
        expect: [
          {
            subject: 'pod 0 → pod 1',
            reason: 'undecided',
            message: 'Whether pod 0 of w1 reaches pod 1 of w1 could not be decided: time ran out.',
          },
        ],
      },
      {
        name: 'no family in common',
        nodes,
        plan,
        probed: [pods('w1'), way('w1/0', 'w1/1', [])],
        expect: [{ subject: 'pod 0 → pod 1', reason: 'undecided' }],
      },
    ],
  },
  test,
);

/** One bridge, a FORWARD policy of drop, and packets lost between two pods on it. */
function onBridge(callIptables: string, changes: Partial<PodsResult> = {}) {
  const facts = {
    sysctls: { value: { values: { 'net/bridge/bridge-nf-call-iptables': callIptables }, denied: [] } },
    sysctlFiles: unread,
    firewall: { value: { managers: [], chains: [DROPPING], unread: null, unreadWhy: null } },
  };
  const lostOnes = { tcp: lost, passed: { from: passed(), to: passed() } };
  const probed = [pods('w1', changes), way('w1/0', 'w1/1', lostOnes)];
  return check.compare?.([{ node: NODE, facts }], { plan: { ...DEFAULTS, ...plan }, probed, sent: true }) ?? [];
}

const NODE = {
  name: 'w1',
  self: true,
  roles: ['worker'],
  stage: 'fresh',
  kubernetesVersion: '1.36',
  versionFrom: 'default',
  addresses: [],
} as const;

test('bridged packets and a FORWARD policy of drop: only where the kernel sends them through it', () => {
  expect(onBridge('1')[0]?.message).toContain('the kernel of that node sends bridged packets through it too');
  expect(onBridge('0')[0]?.message).not.toContain('FORWARD');
});

test('the chain of existing pods is not known: those of a bridge take each other for neighbours', () => {
  const bridged = { network: null };
  expect(onBridge('1', bridged)[0]?.message).toContain('the kernel of that node sends bridged packets through it too');
  expect(onBridge('0', bridged)[0]?.message).not.toContain('FORWARD');
  const alone = (index: number) => pod('w1', index, { addresses: [`10.244.1.1${index}/32`] });
  const routed = { network: null, pods: [alone(0), alone(1)] };
  expect(onBridge('0', routed)[0]?.message).toContain('FORWARD drops what is forwarded');
});
