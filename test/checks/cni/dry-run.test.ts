import { describe, expect, test } from 'vitest';
import check from '../../../checks/cni/dry-run.ts';
import type { PodsResult, PodTold, Remainder } from '../../../src/evidence/pods.ts';
import type { Probed } from '../../../src/evidence/probes.ts';
import { pluginRemedy } from '../../../src/judging/pods/plugin-failure.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import type { Finding } from '../../../src/report/schema.ts';
import { call, none, pod, pods, way, wayRequest } from '../../judging/pods.ts';
import { nothing, reach, receiver, sender, silence } from '../../judging/reach.ts';

const nodes = [{ facts: {} }];
const open = [way('w1/0', 'w1/1'), way('w1/1', 'w1/0'), way('w1', 'w1/0'), way('w1/0', 'w1')];
const closed = way('w1/0', 'w1/1', { tcp: reach(silence(), nothing(), { attempts: 2 }) });
const undecided = { unread: 'undecided', machine: 'w1', detail: 'no pod of w1 could take part' } as const;
const unseen = open.map(({ request }) =>
  request.kind === 'pod-way' ? { kind: 'pod-way' as const, request, reading: undecided } : closed,
);
const WORKS: Partial<Finding> = { nodes: ['w1'], subject: 'chain', reason: 'works', status: 'pass' };

const single = (name: string, probed: readonly Probed[], ...expected: Partial<Finding>[]) => ({
  name,
  nodes,
  probed,
  expect: expected,
});
const joined = (...given: Parameters<typeof single>) => ({
  ...single(...given),
  nodes: [{ facts: {}, node: { stage: 'joined' as const } }],
});
/** Two pods with this in common; traffic flows unless said. */
const both = (changes: Partial<PodTold>, over: Partial<PodsResult> = {}) =>
  pods('w1', { pods: [pod('w1', 0, changes), pod('w1', 1, changes)], ...over });
const unclear: Remainder[] = [
  { what: 'rule', name: 'table ip nat chain POSTROUTING, a rule', before: null, after: 'there' },
];
const kept: Remainder[] = [
  { what: 'interface', name: 'cni0', before: null, after: 'bridge 10.244.1.1/24' },
  { what: 'sysctl', name: 'net.ipv4.ip_forward', before: '0', after: '1' },
];
const reservation: Remainder = {
  what: 'reservation',
  name: '/var/lib/cni/networks/lab/10.244.1.10',
  before: null,
  after: 'seaworthy-w1-0',
};
const veth: Remainder = { what: 'interface', name: 'veth 1; reboot', before: null, after: 'veth' };
const dnat = 'could not check ipv6 dnat: chain CNI-DN-1 not found in iptables table nat';

testCheck(
  check,
  {
    probes: [
      {
        name: 'one throw-away pod, whatever --pods says: how pods reach each other is for pods/same-node',
        nodes: [...nodes, { facts: {}, unreachable: 'silence' }],
        plan: { pods: 'existing' },
        expect: [
          { kind: 'pods', machine: 'w1', how: 'throw-away', count: 1 },
          wayRequest('w1', 'w1/0'),
          wayRequest('w1/0', 'w1'),
        ],
      },
    ],
    compare: [
      single('all went well', [pods('w1'), ...open], {
        ...WORKS,
        message:
          'bridge, portmap of 10-lab.conflist gave 2 pods a network (10.244.1.10/24, 10.244.1.11/24): ADD, 8 ways of traffic, CHECK and DEL went well, and nothing that is known to be theirs is left.',
      }),
      single('without CHECK', [both({ check: 'not-supported' }), ...open], {
        ...WORKS,
        message:
          'bridge, portmap of 10-lab.conflist gave 2 pods a network (10.244.1.10/24, 10.244.1.11/24): ADD, 8 ways of traffic and DEL went well, and nothing that is known to be theirs is left.',
      }),
      single(
        'a bridge whose address changed with the second pod',
        [both({ check: call({ message: "Bridge interface cni0 Mac doesn't match: 9e:9d:14:b5:8d:8e" }) }), ...open],
        WORKS,
        { subject: 'CHECK', reason: 'check-disputed', status: 'pass' },
      ),
      single('CHECK that came to no end is not a pass', [both({ check: null }), ...open], {
        subject: 'CHECK',
        reason: 'undecided',
        status: 'unknown',
      }),
      single('what plugins keep by design is no leak', [pods('w1', { putBack: kept }), ...open], WORKS, {
        subject: 'put back',
        reason: 'put-back',
        status: 'pass',
        message:
          'Plugins keep this for pods that are to come, and it was put back: interface cni0, net.ipv4.ip_forward (0 → 1).',
      }),
      single(
        'what leads to no pod of ours may be of a plugin, where nothing else is at work',
        [pods('w1', { unclear }), ...open],
        WORKS,
        {
          subject: 'meanwhile',
          reason: 'left-unclear',
          status: 'unknown',
          message:
            'After DEL this is there that was not before, and nothing tells whether a plugin left it: rule table ip nat chain POSTROUTING, a rule. It was left alone.',
        },
      ),
      joined(
        'what leads to no pod of ours is told, and nobody is accused of it, where kubelet is at work',
        [pods('w1', { unclear }), ...open],
        WORKS,
        {
          subject: 'meanwhile',
          reason: 'changed-meanwhile',
          status: 'pass',
          message:
            'While the pods were there this came to the machine, and nothing tells whose it is: rule table ip nat chain POSTROUTING, a rule. It was left alone; what comes again with each run is a plugin’s.',
        },
      ),
      single(
        'ADD fails for both pods: told once, in the plugin’s own words',
        [both({ add: call({ message: 'no IP addresses available in range set: 10.99.8.1-10.99.8.2' }) }), ...unseen],
        {
          nodes: ['w1'],
          subject: 'ADD',
          reason: 'add-failed',
          status: 'fail',
          message:
            'ADD failed: bridge says “no IP addresses available in range set: 10.99.8.1-10.99.8.2” (code 999: an error of its own, without a code of the specification).',
          remedy: {
            text: 'The range of addresses of this node is used up. host-local keeps a file for each address in /var/lib/cni/networks: those that name a container which `crictl ps -a` and `crictl pods` do not know are left from pods that went without DEL, and may be removed; otherwise give the network a wider range.',
            commands: ['grep -r . /var/lib/cni/networks/lab'],
          },
        },
      ),
      single(
        'STATUS says that no ADD would succeed: none was tried',
        [
          both({ status: call({ code: 50, message: 'the agent does not answer' }), check: null, addresses: [] }),
          ...unseen,
        ],
        {
          nodes: ['w1'],
          subject: 'STATUS',
          reason: 'status-failed',
          status: 'fail',
          message:
            'STATUS failed: bridge says “the agent does not answer” (code 50: it is not ready to add containers).',
        },
      ),
      single(
        'ADD takes too long',
        [both({ add: call({ kind: 'timed-out', code: null, message: 'no end within 5s' }) }), ...unseen],
        {
          subject: 'ADD',
          reason: 'timed-out',
          message: 'ADD failed: bridge did not end in time: no end within 5s.',
        },
      ),
      single(
        'the pod has something else than ADD says',
        [both({ differences: [{ what: 'mtu', claimed: '1450', found: '1500' }] }), ...open],
        {
          subject: 'result',
          reason: 'not-as-claimed',
          message: 'ADD says what the pod does not have: mtu 1450: 1500.',
          expected: 'mtu 1450',
          actual: '1500',
        },
      ),
      single('packets do not get through', [pods('w1'), closed, ...open.slice(1)], {
        subject: 'traffic',
        reason: 'no-traffic',
        message: 'ADD succeeded, and packets do not get through: pod 0 → pod 1 tcp (request-lost).',
      }),
      single(
        'NAT between pods is for pods/same-node',
        [
          pods('w1'),
          way('w1/0', 'w1/1', {
            tcp: reach(sender({ address: '10.244.1.10', answeredBy: 'w1' }), receiver({ source: '10.244.1.1' })),
          }),
        ],
        WORKS,
      ),
      single('traffic that nobody saw', [pods('w1'), ...unseen], {
        subject: 'traffic',
        reason: 'undecided',
        status: 'unknown',
        message: 'Whether packets get through could not be decided: no pod of w1 could take part.',
      }),
      single('no traffic was tried', [pods('w1')], { subject: 'traffic', reason: 'undecided' }),
      single(
        'CHECK fails, and the pod has not what ADD says',
        [
          both({
            check: call({ message: 'Failed to match addr 10.99.7.2/24 on interface eth0' }),
            differences: [{ what: 'address', claimed: '10.99.7.2/24', found: null }],
          }),
          ...open,
        ],
        { subject: 'result', reason: 'not-as-claimed' },
        {
          subject: 'CHECK',
          reason: 'check-failed',
          status: 'fail',
        },
      ),
      single(
        'CHECK fails of a pod that has what ADD says, and packets get through',
        [both({ check: call({ message: 'Expected Route {Dst:10.244.0.0/16 GW:<nil>} not found' }) }), ...open],
        {
          subject: 'CHECK',
          reason: 'check-doubtful',
          status: 'warn',
          message:
            'CHECK failed where the pod has what ADD says and packets get through: bridge says “Expected Route {Dst:10.244.0.0/16 GW:<nil>} not found” (code 999: an error of its own, without a code of the specification).',
          why: 'A runtime that asks, as CRI-O does, takes the network of the pod for broken; containerd does not ask. What was not tried here, such as ports of the node that pods ask for (hostPort), may not work.',
          remedy: {
            text: 'Update bridge. Where the runtime does not ask, try by hand what the chain does besides addresses, routes and traffic: a pod with a hostPort on this node for portmap.',
          },
        },
      ),
      single(
        'CHECK fails, and whether packets get through is not known',
        [both({ check: call({ message: 'Expected Route {Dst:10.244.0.0/16 GW:<nil>} not found' }) }), ...unseen],
        { subject: 'traffic', reason: 'undecided' },
        { subject: 'CHECK', reason: 'check-failed' },
      ),
      single(
        'CHECK of portmap that is known to be wrong',
        [both({ check: call({ plugin: 'portmap', message: dnat }) }), ...open],
        WORKS,
        {
          subject: 'CHECK',
          reason: 'check-disputed',
          status: 'pass',
        },
      ),
      single(
        'bandwidth crashes over pods that have no limit',
        [
          both({
            check: call({
              plugin: 'bandwidth',
              code: null,
              message:
                'it ended with 2: panic: invalid memory address or nil pointer dereference\ngoroutine 1 [running]:',
            }),
          }),
          ...open,
        ],
        WORKS,
        {
          subject: 'CHECK',
          reason: 'check-disputed',
          message:
            'CHECK failed, and is not believed: bandwidth says “it ended with 2: panic: invalid memory address or nil pointer dereference”. Packets get through, and bandwidth is known to say so of pods that have no limit.',
        },
      ),
      single(
        'CHECK of a plugin that is not known to be wrong is believed, though packets get through',
        [both({ check: call({ plugin: 'odd', message: 'the sea is rough' }) }), ...open],
        { subject: 'CHECK', reason: 'check-failed', status: 'fail' },
      ),
      single(
        'another one of portmap, where packets get through',
        [both({ check: call({ plugin: 'portmap', message: 'chain not found' }) }), ...open],
        { subject: 'CHECK', reason: 'check-doubtful', status: 'warn' },
      ),
      single(
        'CHECK of portmap where packets do not get through',
        [both({ check: call({ plugin: 'portmap', message: dnat }) }), closed],
        { reason: 'no-traffic' },
        { subject: 'CHECK', reason: 'check-failed' },
      ),
      single(
        'a plugin that hangs at CHECK, be it portmap',
        [
          both({ check: call({ plugin: 'portmap', kind: 'timed-out', code: null, message: 'no end within 5s' }) }),
          ...open,
        ],
        { subject: 'CHECK', reason: 'timed-out' },
      ),
      single(
        'DEL fails',
        [
          pods('w1', { pods: [pod('w1', 0, { del: [call(), call({ message: 'and again' })] }), pod('w1', 1)] }),
          ...open,
        ],
        {
          subject: 'DEL',
          reason: 'del-failed',
          message:
            'DEL failed: bridge says “it went wrong” (code 999: an error of its own, without a code of the specification) (and 1 more like it).',
        },
      ),
      single(
        'something is left, some of which was taken away',
        [pods('w1', { left: [reservation, veth], putBack: [...kept, reservation] }), ...open],
        {
          subject: 'left',
          reason: 'leaked',
          status: 'fail',
          message:
            'After DEL this was left of the pods: reservation /var/lib/cni/networks/lab/10.244.1.10, interface veth 1; reboot. Some of it was taken away now.',
          remedy: {
            text: 'Update the plugins of the chain, or mend the one that made the reservation; what is still there the commands take away, as far as one command does.',
            commands: ["ip link delete dev 'veth 1; reboot'"],
          },
        },
        { reason: 'put-back', evidence: { putBack: kept } },
      ),
      single('no network yet', [pods('w1', none('no-network')), ...unseen], {
        subject: 'pods',
        reason: 'no-network',
        status: 'skip',
      }),
      single('an add-on that needs real pods', [pods('w1', none('needs-real-pod')), ...unseen], {
        reason: 'needs-real-pod',
        status: 'skip',
      }),
      single('a broken network', [pods('w1', none('broken-network')), ...unseen], {
        reason: 'broken-network',
        status: 'unknown',
      }),
      single('a peer that was not told', [pods('w1', none('not-allowed')), ...unseen], {
        reason: 'not-allowed',
        status: 'unknown',
      }),
      single('another run', [pods('w1', none('busy')), ...unseen], { reason: 'busy', status: 'unknown' }),
      single('no pods, which throw-away ones cannot be', [pods('w1', none('no-pods')), ...unseen], {
        reason: 'undecided',
      }),
      single('nobody knows', [pods('w1', undecided), ...unseen], { reason: 'undecided' }),
      single('a machine that vanished', [pods('w1', { ...undecided, unread: 'peer-unreachable' })], {
        reason: 'peer-unreachable',
      }),
    ],
  },
  test,
);

describe('what to do about a plugin', () => {
  const network = { file: '10-lab.conflist', name: 'lab', version: '1.0.0', plugins: ['bridge'] };
  const textOf = (...given: Parameters<typeof call>) => pluginRemedy(call(...given), network).text;

  test.each([
    ['failed to find plugin "nosuch" in path [/usr/lib/cni]', 'Install what bridge needs'],
    ['open /run/flannel/subnet.env: no such file or directory', 'flannel’s own pod on this node'],
    ['failed to set bridge addr: "cni0" already has an IP address different from 10.244.1.1/24', 'The bridge is left'],
    ['running [/usr/sbin/iptables -t nat]: exit status 4', 'iptables is installed'],
    ['operation not supported', 'The kernel refuses'],
    ['something new', 'Mend what bridge says, in 10-lab.conflist'],
  ])('%s', (message, said) => {
    expect(textOf({ message })).toContain(said);
  });

  test('the bridge that is in the way is named, and quoted', () => {
    const message = '"br; reboot" already has an IP address different from 10.0.0.1/24';
    expect(pluginRemedy(call({ message }), network).commands).toEqual(["ip link delete dev 'br; reboot'"]);
  });

  test.each([
    'junk',
    'timed-out',
    'killed',
    'missing',
    'not-executable',
    'cannot-start',
    'refused',
    'other-version',
  ] as const)('%s names the plugin', (kind) => {
    expect(textOf({ kind })).toContain('bridge');
  });

  test('one that asks to be called later', () => {
    expect(textOf({ code: 11 })).toContain('agent of bridge');
  });
});
