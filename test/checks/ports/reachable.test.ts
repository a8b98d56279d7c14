import { expect, test } from 'vitest';
import check from '../../../checks/ports/reachable.ts';
import type { Node } from '../../../src/engine/node.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import type { Probed, ProbeRequest } from '../../../src/evidence/probes.ts';
import type { Reach } from '../../../src/evidence/reach.ts';
import type { Reading } from '../../../src/evidence/reading.ts';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import type { Role } from '../../../src/plan/settings.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import type { Finding } from '../../../src/report/schema.ts';
import {
  accepted,
  failed,
  nothing,
  of20,
  open,
  probedWith,
  reach,
  receiver,
  refused,
  sender,
  silence,
} from '../../judging/reach.ts';
import { unread } from './facts.ts';

const firewall = (changes: Partial<Facts['firewall']>): Reading<Facts['firewall']> => ({
  value: { managers: [], chains: [], unread: null, unreadWhy: null, ...changes },
});
const DROPPING: NonNullable<Facts['firewall']['chains']>[number] = {
  backend: 'nft',
  family: 'ip',
  table: 'filter',
  chain: 'input',
  hook: 'input',
  policy: 'drop',
  jumps: [],
  refusing: [],
  refusesSome: false,
  refusesRest: false,
};
const facts = { firewall: unread };
const at = (address: string, role: Role | 'any' = 'worker', changes: Partial<Node> = {}) => ({
  node: { addresses: [address], roles: [role], ...changes },
  facts,
});
/** w1 is this node and a control plane, w2 a worker. */
const pair = [at('10.0.0.1', 'control-plane'), at('10.0.0.2')];

const KUBELET = {
  kind: 'tcp',
  from: 'w1',
  to: 'w2',
  address: '10.0.0.2',
  ports: { first: 10_250, last: 10_250 },
} as const;
const API = { kind: 'tcp', from: 'w2', to: 'w1', address: '10.0.0.1', ports: { first: 6443, last: 6443 } } as const;
const OVERLAY = {
  kind: 'udp',
  from: 'w1',
  to: 'w2',
  address: '10.0.0.2',
  ports: { first: 8472, last: 8472 },
  count: 20,
  dress: 'vxlan',
} as const;
const BETWEEN_CONTROL_PLANES = [{}, { from: 'w2', to: 'w1', address: '10.0.0.1' }] as const;

const result = (
  request: ProbeRequest,
  each: Reach | null,
  bulk: Extract<Probed, { kind: 'tcp' }>['reading'] | null = null,
): Probed[] => {
  if (each === null) return [];
  if (request.kind === 'tcp')
    return [
      {
        kind: 'tcp',
        request,
        reading: bulk ?? { value: { reaches: [{ ...each, ports: request.ports }], bulk: null } },
      },
    ];
  if (request.kind !== 'udp') return [];
  return [{ kind: 'udp', request, reading: { value: { reaches: [{ ...each, ports: request.ports }], bulk: null } } }];
};
const back = {
  ...open,
  sender: sender({ address: '10.0.0.2', answeredBy: 'w1' }),
  receiver: receiver({ source: '10.0.0.2' }),
};
/** What w1 saw of the kubelet's port of w2; the other way is open. */
const kubelet = (each: Reach) => [...result({ ...KUBELET, bulk: true }, each), ...result({ ...API, bulk: true }, back)];
const apiOpen: Partial<Finding> = { nodes: ['w2', 'w1'], subject: 'tcp/6443', reason: 'open', status: 'pass' };
const overlay = (each: Reach) => [
  ...kubelet(open),
  ...result(OVERLAY, each),
  ...result({ ...OVERLAY, from: 'w2', to: 'w1', address: '10.0.0.1' }, back),
];
const owner = { listener: 'owner', detail: 'kubelet (pid 812)', established: 1 } as const;

const REMEDY_UNKNOWN = {
  text: 'On w2 let tcp/10250 in (firewalld: firewall-cmd --permanent --add-port=10250/tcp && firewall-cmd --reload; ufw: ufw allow 10250/tcp; otherwise in the file that loads its rules at boot), then look between the two nodes, at a security group or a router.',
  commands: ['nft list ruleset'],
};

const single = (name: string, each: Reach, expected: Partial<Finding>) => ({
  name,
  nodes: pair,
  probed: kubelet(each),
  expect: [{ nodes: ['w1', 'w2'], subject: 'tcp/10250', ...expected }, apiOpen],
});

testCheck(
  check,
  {
    probes: [
      {
        name: 'a control plane and a worker',
        nodes: pair,
        expect: [
          { ...KUBELET, bulk: true },
          { ...API, bulk: true },
        ],
      },
      {
        name: 'neighbours together, 200 kB once, an overlay dressed',
        nodes: [at('10.0.0.1', 'control-plane'), at('10.0.0.2', 'control-plane')],
        plan: { cni: 'flannel' },
        expect: BETWEEN_CONTROL_PLANES.flatMap((ends) => [
          { ...KUBELET, ...ends, ports: { first: 2379, last: 2380 }, bulk: true },
          { ...KUBELET, ...ends, ports: { first: 6443, last: 6443 }, bulk: false },
          { ...KUBELET, ...ends, bulk: false },
          { ...OVERLAY, ...ends },
        ]),
      },
      {
        name: 'workers without a network add-on',
        nodes: [at('10.0.0.1'), at('10.0.0.2')],
        expect: [],
      },
      {
        name: 'both families of the pods',
        nodes: [
          { node: { addresses: ['10.0.0.1', 'fd00::1'], roles: ['control-plane'] }, facts },
          { node: { addresses: ['fd00::2', '10.0.0.2'] }, facts },
        ],
        plan: { podCidr: ['10.244.0.0/16', 'fd00:10::/56'] },
        expect: [
          { ...KUBELET, bulk: true },
          { ...KUBELET, address: 'fd00::2', bulk: false },
          { ...API, bulk: true },
          { ...API, address: 'fd00::1', bulk: false },
        ],
      },
      {
        name: 'a wildcard is no address, and one that cannot be reached is not asked',
        nodes: [
          at('10.0.0.1', 'control-plane'),
          at('0.0.0.0'),
          { ...at('10.0.0.3'), unreachable: 'w3 refused the connection.' },
        ],
        expect: [],
      },
      {
        name: 'a port of WireGuard over its own family',
        nodes: [at('10.0.0.1'), at('10.0.0.2')],
        plan: { cni: 'flannel-wireguard' },
        expect: [
          { ...OVERLAY, ports: { first: 51_820, last: 51_820 }, dress: null },
          {
            ...OVERLAY,
            ports: { first: 51_820, last: 51_820 },
            dress: null,
            from: 'w2',
            to: 'w1',
            address: '10.0.0.1',
          },
        ],
      },
    ],
    compare: [
      {
        name: 'files of runs that knew nothing of each other, and have no family in common',
        nodes: [at('10.0.0.1'), at('fd00::2')],
        sent: false,
        expect: [],
      },
      single('open', open, {
        status: 'pass',
        reason: 'open',
        message: 'w1 reaches w2, and the answer comes back.',
        remedy: undefined,
        probe: {
          from: { node: 'w1', address: '10.0.0.1', pod: null },
          to: { node: 'w2', address: '10.0.0.2', protocol: 'tcp', port: '10250', pod: null },
          purpose: 'kube-apiserver → kubelet',
          attempts: 1,
          proof: 'nonce',
          sender: { outcome: 'answered', errno: null, waitedMs: 1, rttMs: 0.4 },
          receiver: { listener: 'ours', arrived: 1, answered: 1, source: '10.0.0.1' },
        },
      }),
      single('the owner takes it', reach(accepted(), nothing(owner)), {
        reason: 'open',
        message: 'w1 reaches w2: kubelet (pid 812) takes the connection.',
      }),
      single('lost on the way, by the counters of the sender', reach(silence({ heldBack: 0 }), nothing()), {
        reason: 'request-lost',
        status: 'fail',
        message: 'Lost on the way to w2: it left w1 and never reached w2’s listener.',
        expected: 'kube-apiserver → kubelet: w1 reaches w2',
        actual: 'w1: 2 sent, silence for 1.5 s; w2: listening, 0 arrived, 0 answered',
        why: 'Without it kubectl exec, logs and metrics fail for every pod of that node.',
        remedy: REMEDY_UNKNOWN,
      }),
      single('lost before the receiver', reach(silence(), nothing({ lostAt: 'before-peer' })), {
        reason: 'request-lost',
        message: 'Lost on the way to w2: nothing from w1 reached w2, by the counters there.',
        remedy: {
          ...REMEDY_UNKNOWN,
          text: `Nothing came in at w2: look first between the two nodes, at a security group or a router. ${REMEDY_UNKNOWN.text.replace(', then look between the two nodes, at a security group or a router', '')}`,
        },
      }),
      single(
        'lost before the receiver, and it left',
        reach(silence({ heldBack: 0 }), nothing({ lostAt: 'before-peer' })),
        {
          reason: 'request-lost',
          message: 'Lost on the way to w2: it left w1 and never reached w2, by the counters there.',
        },
      ),
      single('lost at the receiver', reach(silence({ heldBack: 0 }), nothing({ lostAt: 'peer-input' })), {
        reason: 'request-lost',
        status: 'fail',
        message: 'Lost on w2 itself: by its counters it came in from w1, and never reached w2’s listener.',
        remedy: {
          ...REMEDY_UNKNOWN,
          text: REMEDY_UNKNOWN.text.replace(', then look between the two nodes, at a security group or a router', ''),
        },
      }),
      {
        name: 'lost at a receiver that filters nothing',
        nodes: [pair[0]!, { ...pair[1]!, facts: { firewall: firewall({}) } }],
        probed: kubelet(reach(silence(), nothing({ lostAt: 'peer-input' }))),
        expect: [
          {
            reason: 'request-lost',
            remedy: {
              text: 'It came in at w2, no rule there drops it, and it went no further: look at what the kernel itself dropped there, by its reverse path filter (rp_filter) above all.',
              commands: ['nstat -asz TcpExtIPReversePathFilter IpInAddrErrors IpInDiscards'],
            },
          },
          apiOpen,
        ],
      },
      ...(
        [
          [
            'firewalld',
            firewall({ managers: [{ name: 'firewalld', by: 'firewalld.service' }] }),
            'firewall-cmd --permanent --add-port=10250/tcp && firewall-cmd --reload',
          ],
          ['ufw', firewall({ managers: [{ name: 'ufw', by: '/etc/ufw/ufw.conf' }] }), 'ufw allow 10250/tcp'],
          ['no filter of its own', firewall({}), 'tcpdump -ni any tcp port 10250'],
          [
            'rules',
            firewall({
              chains: [DROPPING],
            }),
            'nft list ruleset',
          ],
        ] as const
      ).map(([name, reading, command]) => ({
        name: `what to do with ${name}`,
        nodes: [pair[0]!, { ...pair[1]!, facts: { firewall: reading } }],
        probed: kubelet(reach(silence(), nothing())),
        expect: [
          {
            reason: 'request-lost',
            remedy: {
              text: {
                firewalld: 'On w2, where firewalld is active, let tcp/10250 in.',
                ufw: 'On w2, where ufw is active, let tcp/10250 in.',
                'no filter of its own':
                  'w2 itself drops nothing: look between the two nodes, at a security group or a router. On w2 this shows, while the check runs again, whether anything comes in.',
                rules:
                  'On w2 let tcp/10250 in, in the file that loads its rules at boot (/etc/nftables.conf, /etc/iptables/rules.v4).',
              }[name],
              commands: [command],
            },
          },
          apiOpen,
        ],
      })),
      single('rejected', reach(refused(), nothing()), {
        reason: 'rejected',
        message: 'A firewall or a router refuses it: w1 was told ECONNREFUSED, and nothing reached w2’s listener.',
        remedy: REMEDY_UNKNOWN,
      }),
      single('reply lost', reach(silence(), nothing({ halfOpen: 1 })), {
        reason: 'reply-lost',
        message: 'It reached w2, and the answer was lost on the way back to w1.',
        actual: 'w1: 2 sent, silence for 1.5 s; w2: listening, 0 arrived, 0 answered, 1 half-open',
      }),
      single('reply lost after it left', reach(silence(), nothing({ halfOpen: 1, lostAt: 'after-peer' })), {
        reason: 'reply-lost',
        message: 'It reached w2; the answer left w2 and was lost on the way back to w1.',
        remedy: {
          text: 'The answer left w2: on w1 let answers in (ct state established,related), then look between the two nodes.',
          commands: ['nft list ruleset'],
        },
      }),
      single('reply held back', reach(silence(), nothing({ turnedBack: 3, lostAt: 'peer-output' })), {
        reason: 'reply-lost',
        message: 'It reached w2, and by the counters there the answer never left w2.',
        remedy: {
          text: 'On w2 let answers out: its own counters show that it held them back.',
          commands: ['nft list ruleset'],
        },
      }),
      single('lost with cookies', reach(silence(), nothing({ cookies: 3 })), { reason: 'lost', status: 'fail' }),
      single('half-open', reach(accepted(), nothing({ halfOpen: 1 })), { reason: 'half-open', status: 'fail' }),
      single('NAT', reach(sender(), receiver({ source: '192.0.2.1' })), {
        reason: 'source-rewritten',
        status: 'warn',
        message: 'It reached w2 from 192.0.2.1 and not from 10.0.0.1: there is NAT in between.',
        why: 'Peers and components then see the address of another node: serving certificates of kubelets, members of etcd and NetworkPolicies go by it, and pod traffic must not be rewritten.',
      }),
      single('another node answers', reach(sender({ answeredBy: 'w3' }), nothing()), {
        reason: 'wrong-host',
        message: 'w3 answered at 10.0.0.2, and not w2.',
        remedy: {
          text: 'Find out who has 10.0.0.2: another machine with the same address, or a rule that sends tcp/10250 elsewhere.',
          commands: ['ip neigh show to 10.0.0.2'],
        },
      }),
      single('no route', reach(failed('ENETUNREACH', { atOnce: true }), nothing()), {
        reason: 'blocked-locally',
        message: 'w1 does not let it out itself (ENETUNREACH).',
      }),
      single('the own firewall', reach(silence({ heldBack: 1 }), nothing()), {
        reason: 'blocked-locally',
        message: 'w1 does not let it out: its own counters show packets that never left.',
      }),
      single('no neighbour', reach(failed('EHOSTUNREACH', { neighbour: 'failed' }), nothing()), {
        reason: 'no-neighbour',
      }),
      single('not opened', reach(refused(), nothing({ listener: 'unavailable', detail: 'EACCES' })), {
        reason: 'listener-unavailable',
        status: 'unknown',
        message: 'Whether w1 reaches tcp/10250 of w2 is not known: EACCES.',
      }),
      single('nobody listens', reach(refused(), nothing({ listener: 'none' })), {
        reason: 'no-listener',
        status: 'unknown',
      }),
      single('a Service', reach(silence(), nothing({ listener: 'service', detail: 'KUBE-NODEPORTS' })), {
        reason: 'service-owned',
        status: 'skip',
      }),
      single('lost sight of', reach(refused(), nothing(), { undecided: 'w2 vanished.' }), {
        reason: 'undecided',
        status: 'unknown',
        message: 'Whether w1 reaches tcp/10250 of w2 could not be decided: w2 vanished.',
      }),
      {
        name: '200 kB stand still',
        nodes: pair,
        probed: [
          ...result({ ...KUBELET, bulk: true }, open, {
            value: {
              reaches: [{ ...open, ports: KUBELET.ports }],
              bulk: { port: 10_250, bytes: 200_000, arrived: 0, returned: 0, ms: 1500, stalled: true },
            },
          }),
          ...result({ ...API, bulk: true }, back, {
            value: {
              reaches: [{ ...back, ports: API.ports }],
              bulk: { port: 6443, bytes: 200_000, arrived: 9000, returned: 0, ms: 3, stalled: false },
            },
          }),
        ],
        expect: [{ subject: 'tcp/10250', reason: 'stalled', status: 'fail' }, apiOpen],
      },
      {
        name: 'a role that nobody told',
        nodes: [at('10.0.0.1', 'any'), at('10.0.0.2')],
        probed: kubelet(reach(silence(), nothing())),
        expect: [
          {
            reason: 'request-lost',
            status: 'warn',
            was: 'fail',
            because: 'role-any',
            message: 'Lost on the way to w2: nothing from w1 reached w2’s listener. (needed by the role control-plane)',
          },
          { reason: 'open', status: 'pass' },
        ],
      },
      {
        name: 'counted datagrams',
        nodes: pair,
        plan: { cni: 'flannel' },
        probed: overlay(
          reach(sender({ sent: 20, answers: of20(12) }), receiver({ requests: of20(12), arrived: 12, answered: 12 })),
        ),
        expect: [
          { subject: 'tcp/10250', reason: 'open' },
          {
            subject: 'udp/8472',
            reason: 'lossy',
            status: 'warn',
            message: 'Datagrams from w1 get through to w2 in part: 12 of 20 datagrams arrived.',
            actual: 'w1: 12 of 20 answered; w2: listening, 12 of 20 arrived, 12 answered',
          },
          apiOpen,
          { nodes: ['w2', 'w1'], subject: 'udp/8472', reason: 'open' },
        ],
      },
      {
        name: 'what looks like an overlay is dropped',
        nodes: pair,
        plan: { cni: 'flannel' },
        probed: overlay(
          reach(
            sender({ answers: of20(20), dressed: of20(0), likeDressed: of20(20) }),
            receiver({ requests: of20(20), dressed: of20(0), likeDressed: of20(20) }),
          ),
        ),
        expect: [
          { reason: 'open' },
          {
            reason: 'encapsulation-lost',
            status: 'fail',
            message: 'Plain datagrams reach w2; those of the same size that look like VXLAN (flannel) do not.',
          },
          apiOpen,
          { reason: 'open' },
        ],
      },
      {
        name: 'a tunnel device has the port',
        nodes: pair,
        plan: { cni: 'flannel' },
        probed: overlay(reach(silence(), nothing({ listener: 'kernel', detail: 'a VXLAN device' }))),
        expect: [{ reason: 'open' }, { reason: 'kernel-owned', status: 'skip' }, apiOpen, { reason: 'open' }],
      },
      {
        name: 'a feature that may be off',
        nodes: [at('10.0.0.1'), at('10.0.0.2')],
        plan: { cni: 'calico-bgp' },
        probed: (['w1', 'w2'] as const).flatMap((from): Probed[] => {
          const to = from === 'w1' ? 'w2' : 'w1';
          const request = { ...KUBELET, from, to, address: to === 'w1' ? '10.0.0.1' : '10.0.0.2', bulk: false };
          const bgp = { first: 179, last: 179 };
          const typha = { first: 5473, last: 5473 };
          const each = from === 'w1' ? open : back;
          const closed = from === 'w1' ? reach(silence(), nothing()) : reach(refused(), nothing({ listener: 'none' }));
          return [...result({ ...request, ports: bgp }, each), ...result({ ...request, ports: typha }, closed)];
        }),
        expect: [
          { nodes: ['w1', 'w2'], subject: 'tcp/179', reason: 'open' },
          { nodes: ['w2', 'w1'], subject: 'tcp/179', reason: 'open' },
          {
            nodes: ['w1', 'w2'],
            subject: 'tcp/5473',
            reason: 'optional-closed',
            status: 'warn',
            why: 'Calico needs it where that feature is on.',
          },
          { nodes: ['w2', 'w1'], subject: 'tcp/5473', reason: 'feature-off', status: 'skip' },
        ],
      },
      {
        name: 'nothing is needed, and what cannot be tried',
        nodes: [at('10.0.0.1'), at('10.0.0.2')],
        expect: [{ nodes: ['w1', 'w2'], reason: 'not-needed', status: 'skip' }],
      },
      {
        name: 'IP-in-IP has no datagrams',
        nodes: [at('10.0.0.1'), at('10.0.0.2', 'worker', { addresses: [] })],
        plan: { cni: 'calico-ipip' },
        expect: [
          { nodes: ['w1', 'w2'], subject: 'address', reason: 'undecided' },
          { nodes: ['w2', 'w1'], subject: 'address', reason: 'undecided' },
          { nodes: ['w1', 'w2'], subject: 'ip/4', reason: 'no-datagram-form', status: 'skip' },
        ],
      },
      {
        name: 'no word of a request, and a run that ended',
        nodes: pair,
        probed: [
          {
            kind: 'tcp',
            request: { ...KUBELET, bulk: true },
            reading: { unread: 'undecided', machine: 'w2', detail: 'The budget of the run was spent.' },
          },
        ],
        expect: [
          {
            nodes: ['w1', 'w2'],
            subject: 'tcp/10250',
            reason: 'undecided',
            message: 'Whether w1 reaches w2 could not be decided: The budget of the run was spent.',
          },
          { nodes: ['w2', 'w1'], subject: 'tcp/6443', reason: 'undecided' },
        ],
      },
      {
        name: 'times as exact as they mean something',
        nodes: pair,
        probed: kubelet(reach(sender({ waitedMs: 12.345_678, rttMs: 0.987_654 }), receiver())),
        expect: [
          {
            reason: 'open',
            probe: {
              from: { node: 'w1', address: '10.0.0.1', pod: null },
              to: { node: 'w2', address: '10.0.0.2', protocol: 'tcp', port: '10250', pod: null },
              purpose: 'kube-apiserver → kubelet',
              attempts: 1,
              proof: 'nonce',
              sender: { outcome: 'answered', errno: null, waitedMs: 12, rttMs: 1 },
              receiver: { listener: 'ours', arrived: 1, answered: 1, source: '10.0.0.1' },
            },
          },
          apiOpen,
        ],
      },
      {
        name: 'nothing came in, and the receiver itself drops nothing: it is said once',
        nodes: [pair[0]!, { ...pair[1]!, facts: { firewall: firewall({}) } }],
        probed: kubelet(reach(silence(), nothing({ lostAt: 'before-peer' }))),
        expect: [
          {
            reason: 'request-lost',
            remedy: {
              text: 'Nothing came in at w2, which itself drops nothing: look between the two nodes, at a security group or a router. On w2 this shows, while the check runs again, whether anything comes in.',
              commands: ['tcpdump -ni any tcp port 10250'],
            },
          },
          apiOpen,
        ],
      },
      {
        name: 'over IPv6 the rules of the other family are no help',
        nodes: [
          { node: { addresses: ['fd00::1'], roles: ['control-plane'] }, facts },
          { node: { addresses: ['fd00::2'] }, facts: { firewall: firewall({ chains: [DROPPING] }) } },
        ],
        probed: [
          ...result({ ...KUBELET, address: 'fd00::2', bulk: true }, reach(silence(), nothing())),
          ...result(
            { ...API, address: 'fd00::1', bulk: true },
            {
              ...back,
              sender: sender({ address: 'fd00::2', answeredBy: 'w1' }),
              receiver: receiver({ source: 'fd00::2' }),
            },
          ),
        ],
        expect: [
          {
            reason: 'request-lost',
            remedy: {
              text: 'On w2 let tcp/10250 in, in the file that loads its rules at boot (/etc/nftables.conf, /etc/iptables/rules.v6).',
              commands: ['nft list ruleset'],
            },
          },
          apiOpen,
        ],
      },
      {
        name: 'the pods have two families, and a node has one',
        nodes: [{ node: { addresses: ['10.0.0.1', 'fd00::1'], roles: ['control-plane'] }, facts }, pair[1]!],
        plan: { podCidr: ['10.244.0.0/16', 'fd00:10::/56'] },
        probed: kubelet(open),
        expect: [
          { subject: 'tcp/10250', reason: 'open' },
          apiOpen,
          {
            nodes: ['w1', 'w2'],
            subject: 'IPv6 address',
            reason: 'undecided',
            status: 'unknown',
            message:
              'Whether w1 reaches w2 over IPv6 was not tried: w2 has no IPv6 address that kubeadm would choose; --node-ip there tells.',
          },
          { nodes: ['w2', 'w1'], subject: 'IPv6 address', reason: 'undecided' },
        ],
      },
      {
        name: 'the pods have a family that no node has: the other one is what is spoken',
        nodes: pair,
        plan: { podCidr: ['fd00:10::/56'] },
        probed: kubelet(open),
        expect: [{ subject: 'tcp/10250', reason: 'open' }, apiOpen],
      },
      {
        name: 'a peer that cannot be reached has one finding, and its port is the one that was named',
        nodes: [
          ...pair,
          { ...at('10.0.0.3', 'any', { name: 'w3.example:10900' }), unreachable: 'w3.example has another token.' },
        ],
        probed: kubelet(open),
        expect: [
          {
            nodes: ['w1', 'w3.example:10900'],
            subject: 'tcp/10900',
            reason: 'peer-unreachable',
            remedy: {
              text: 'On w3.example run `seaworthy listen --listen :10900` with the same token file as here, where nothing else holds tcp/10900; name it by an address that leads there, and let the port in on w3.example (with ufw: ufw allow 10900/tcp). Where ssh gets in, `seaworthy mesh --ssh` needs none of this.',
              commands: ['firewall-cmd --permanent --add-port=10900/tcp && firewall-cmd --reload'],
            },
          },
          { subject: 'tcp/10250', reason: 'open' },
          apiOpen,
        ],
      },
      {
        name: 'a peer that cannot be reached has one finding',
        nodes: [...pair, { ...at('10.0.0.3', 'any'), unreachable: 'w3 refused the connection to tcp/10777.' }],
        probed: [
          ...result({ ...API, bulk: true }, back),
          {
            kind: 'tcp',
            request: { ...KUBELET, bulk: true },
            reading: { unread: 'peer-unreachable', machine: 'w2', detail: 'w2 has another token.' },
          },
        ],
        expect: [
          {
            nodes: ['w1', 'w3'],
            subject: 'tcp/10777',
            reason: 'peer-unreachable',
            status: 'unknown',
            message: 'w3 refused the connection to tcp/10777.',
            remedy: {
              text: 'On w3 run `seaworthy listen` with the same token file as here, where nothing else holds tcp/10777; name it by an address that leads there, and let the port in on w3 (with ufw: ufw allow 10777/tcp). Where ssh gets in, `seaworthy mesh --ssh` needs none of this.',
              commands: ['firewall-cmd --permanent --add-port=10777/tcp && firewall-cmd --reload'],
            },
          },
          { nodes: ['w1', 'w2'], subject: 'tcp/10777', reason: 'peer-unreachable', message: 'w2 has another token.' },
          apiOpen,
        ],
      },
      ...(
        [
          [
            'silent',
            'On w3 let tcp/10777 in (with ufw: ufw allow 10777/tcp), where `seaworthy listen` runs; then see that w3 is up and named by an address that leads there, and look between the two, at a security group or a router. Where ssh gets in, `seaworthy mesh --ssh` needs none of this.',
            ['firewall-cmd --permanent --add-port=10777/tcp && firewall-cmd --reload'],
          ],
          [
            'wrong-token',
            'Have the same token on both: copy the token file of this machine to w3, readable by its owner alone, and start `seaworthy listen` there anew with it.',
            [],
          ],
          [
            'other-protocol',
            'Install the same release of seaworthy on w3 and here, the newer of the two, and start it there anew.',
            [],
          ],
          [
            'not-a-peer',
            'Find out on w3 what holds tcp/10777, and give seaworthy another port there: it listens on 10777 unless `seaworthy listen --listen :PORT` says otherwise, and here `--peer w3:PORT` names that port. Where nothing holds it there, the address leads to another machine.',
            ["ss -Hltnp 'sport = :10777'"],
          ],
          ['lost', 'See on w3 whether `seaworthy listen` still runs and what it said last, and run this again.', []],
          [
            'no-address',
            'Name w3 by its address, or have this machine know the name: in DNS, or in its /etc/hosts.',
            ['getent ahosts w3'],
          ],
          ['rejected', 'Mend on w3 what it says, and run this again.', []],
        ] as const
      ).map(([problem, text, commands]) => ({
        name: `what to do about a control channel that is ${problem}`,
        nodes: [...pair, { ...at('10.0.0.3', 'any'), unreachable: 'w3 is not to be had.', problem }],
        probed: kubelet(open),
        expect: [
          {
            nodes: ['w1', 'w3'],
            reason: 'peer-unreachable',
            remedy: { text, ...(commands.length === 0 ? {} : { commands: [...commands] }) },
          },
          { subject: 'tcp/10250', reason: 'open' },
          apiOpen,
        ],
      })),
      {
        name: 'what could not be reached over ssh is tried by hand over ssh',
        nodes: [
          ...pair,
          {
            ...at('10.0.0.3', 'any'),
            unreachable: 'ssh could not get into w3: it said “Permission denied (publickey)”.',
            ssh: { problem: 'login', to: ['-p', '2222', '-i', '/keys/of us', '--', '10.0.0.3'] },
          },
          { ...at('10.0.0.4', 'any'), unreachable: 'w4 has no room.', ssh: { problem: 'no-room', to: ['--', 'w4'] } },
          {
            ...at('10.0.0.5', 'any'),
            unreachable: 'w5 gave no further sign over ssh.',
            ssh: { problem: 'ended', to: ['--', 'w5'], withheld: true },
          },
        ],
        probed: kubelet(open),
        expect: [
          {
            nodes: ['w1', 'w3'],
            subject: 'ssh',
            reason: 'peer-unreachable',
            status: 'unknown',
            message: 'ssh could not get into w3: it said “Permission denied (publickey)”.',
            remedy: {
              text: 'Log in to w3 from here until this line ends without a question: it tells what is in the way (address, key, known_hosts, a jump host).',
              commands: ["ssh -o BatchMode=yes -p 2222 -i '/keys/of us' -- 10.0.0.3 true"],
            },
          },
          { nodes: ['w1', 'w4'], subject: 'ssh', reason: 'peer-unreachable', message: 'w4 has no room.' },
          {
            nodes: ['w1', 'w5'],
            subject: 'ssh',
            reason: 'peer-unreachable',
            message: 'w5 gave no further sign over ssh.',
            remedy: {
              text: 'See whether w5 is up and can be logged in to, and run the mesh again. The line lacks what ansible_ssh_common_args and ansible_ssh_extra_args of the inventory add, which may be secret: put it behind `ssh`.',
              commands: ['ssh -o BatchMode=yes -- w5 true'],
            },
          },
          { subject: 'tcp/10250', reason: 'open' },
          apiOpen,
        ],
      },
      {
        name: 'two families, each on its own',
        nodes: [
          { node: { addresses: ['10.0.0.1', 'fd00::1'], roles: ['control-plane'] }, facts },
          { node: { addresses: ['10.0.0.2', 'fd00::2'], roles: ['etcd'] }, facts },
        ],
        plan: { podCidr: ['10.244.0.0/16', 'fd00:10::/56'], only: [], etcd: 'external' },
        probed: [
          ...result({ ...KUBELET, bulk: true }, open),
          ...result({ ...KUBELET, address: 'fd00::2', bulk: false }, reach(silence(), nothing())),
        ],
        expect: [
          { subject: 'tcp/2379', reason: 'undecided' },
          { subject: 'tcp/10250', reason: 'open' },
          { subject: 'tcp/2379 over IPv6', reason: 'undecided' },
          { subject: 'tcp/10250 over IPv6', reason: 'request-lost' },
          { subject: 'tcp/6443', reason: 'undecided' },
          { subject: 'tcp/6443 over IPv6', reason: 'undecided' },
        ],
      },
      {
        name: 'another sender gets through',
        nodes: [at('10.0.0.1', 'control-plane', { self: false }), at('10.0.0.2'), at('10.0.0.3', 'control-plane')],
        probed: [
          ...result({ ...KUBELET, bulk: true }, reach(silence(), nothing())),
          ...result(
            { ...KUBELET, from: 'w3', bulk: true },
            reach(sender({ address: '10.0.0.3' }), receiver({ source: '10.0.0.3' })),
          ),
        ],
        expect: [
          {
            nodes: ['w1', 'w2'],
            reason: 'request-lost',
            message: 'Lost on the way to w2: nothing from w1 reached w2’s listener. From w3 the same port is open.',
          },
          // Nobody heard of the other pairs.
          ...Array.from({ length: 10 }, () => ({ reason: 'undecided' })),
          { nodes: ['w3', 'w2'], subject: 'tcp/10250', reason: 'open' },
        ],
      },
      {
        name: 'a mesh of many nodes is sampled',
        nodes: Array.from({ length: 51 }, (_, index) => at(`10.0.1.${index + 1}`, 'worker', { self: false })),
        expect: [{ reason: 'not-needed' }, { subject: 'coverage', reason: 'sampled', status: 'skip' }],
      },
    ],
  },
  test,
);

const mesh = (workers: number) =>
  Array.from({ length: workers + 3 }, (_, index) => ({
    node: {
      name: `n${index}`,
      self: false,
      roles: [index < 3 ? 'control-plane' : 'worker'],
      stage: 'fresh',
      kubernetesVersion: '1.36',
      versionFrom: 'default',
      addresses: [`10.0.0.${index + 1}`],
    } as const,
    facts,
  }));

test('above 50 nodes roles are tried between all, the add-on from 10 neighbours, always the same', () => {
  const plan = { ...DEFAULTS, cni: 'flannel' };
  const requests = check.probes?.(mesh(57), { plan }) ?? [];
  const overlays = requests.filter(({ kind }) => kind === 'udp');
  expect(overlays).toHaveLength(600);
  for (let index = 0; index < 60; index++)
    expect(overlays.filter((each) => each.kind === 'udp' && each.to === `n${index}`)).toHaveLength(10);
  const of = (port: number) =>
    requests.filter((each) => each.kind === 'tcp' && each.ports.first <= port && each.ports.last >= port).length;
  expect([of(6443), of(2379), of(2380), of(10_250)]).toEqual([3 * 59, 6, 6, 3 * 59]);
  expect(check.probes?.(mesh(57), { plan })).toEqual(requests);
  expect(check.probes?.(mesh(47), { plan })?.filter(({ kind }) => kind === 'udp')).toHaveLength(50 * 49);
});

test('each pair carries 200 kB once', () => {
  const requests = check.probes?.(mesh(3), { plan: { ...DEFAULTS, cni: 'weave' } }) ?? [];
  const bulk = requests.flatMap((each) => (each.kind === 'tcp' && each.bulk ? [`${each.from} ${each.to}`] : []));
  expect(new Set(bulk).size).toBe(bulk.length);
  expect(bulk).toHaveLength(30);
});

test('a healthy mesh has nothing but what is open', () => {
  const nodes = mesh(3);
  const plan = { ...DEFAULTS, cni: 'cilium-vxlan' };
  const probed = probedWith(check.probes?.(nodes, { plan }) ?? [], () => ({}));
  const found = check.compare?.(nodes, { plan, probed, sent: true }) ?? [];
  expect(new Set(found.map(({ reason }) => reason))).toEqual(new Set(['open']));
});
