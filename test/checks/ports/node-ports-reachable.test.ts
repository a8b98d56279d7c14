import { expect, test } from 'vitest';
import check from '../../../checks/ports/node-ports-reachable.ts';
import type { Node } from '../../../src/engine/node.ts';
import type { Probed } from '../../../src/evidence/probes.ts';
import type { Reach } from '../../../src/evidence/reach.ts';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import type { Role } from '../../../src/plan/settings.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import type { Finding } from '../../../src/report/schema.ts';
import type { PortRange } from '../../../src/values/port-range.ts';
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

const facts = { firewall: unread };
const at = (address: string, role: Role = 'worker', changes: Partial<Node> = {}) => ({
  node: { addresses: [address], roles: [role], ...changes },
  facts,
});
const pair = [at('10.0.0.1'), at('10.0.0.2')];
const RANGE = { first: 30_000, last: 32_767 };
const TCP = { kind: 'tcp', from: 'w1', to: 'w2', address: '10.0.0.2', ports: RANGE, bulk: true } as const;
const UDP = { kind: 'udp', from: 'w1', to: 'w2', address: '10.0.0.2', ports: RANGE, count: 1, dress: null } as const;
const BACK = { from: 'w2', to: 'w1', address: '10.0.0.1' } as const;
const back = {
  ...open,
  sender: sender({ address: '10.0.0.2', answeredBy: 'w1' }),
  receiver: receiver({ source: '10.0.0.2' }),
};

const range = (first: number, last: number): PortRange => ({ first, last });
const over = (ports: PortRange, each: Reach): Reach => ({ ...each, ports });
/** TCP from w1 to w2 went so; the rest is open. */
const swept = (reaches: readonly Reach[], stalledAt: number | null = null): Probed[] => [
  {
    kind: 'tcp',
    request: TCP,
    reading: {
      value: {
        reaches,
        bulk:
          stalledAt === null
            ? null
            : { port: stalledAt, bytes: 200_000, arrived: 0, returned: 0, ms: 1500, stalled: true },
      },
    },
  },
  { kind: 'udp', request: UDP, reading: { value: { reaches: [over(RANGE, open)], bulk: null } } },
  { kind: 'tcp', request: { ...TCP, ...BACK }, reading: { value: { reaches: [over(RANGE, back)], bulk: null } } },
  { kind: 'udp', request: { ...UDP, ...BACK }, reading: { value: { reaches: [over(RANGE, back)], bulk: null } } },
];
const OPEN: readonly Partial<Finding>[] = [
  { nodes: ['w1', 'w2'], subject: 'udp/30000-32767', reason: 'open', status: 'pass' },
  { nodes: ['w2', 'w1'], subject: 'tcp/30000-32767', reason: 'open' },
  { nodes: ['w2', 'w1'], subject: 'udp/30000-32767', reason: 'open' },
];
const whole = (name: string, each: Reach, expected: Partial<Finding>) => ({
  name,
  nodes: pair,
  probed: swept([over(RANGE, each)]),
  expect: [{ nodes: ['w1', 'w2'], subject: 'tcp/30000-32767', ...expected }, ...OPEN],
});

testCheck(
  check,
  {
    probes: [
      {
        name: 'two workers',
        nodes: pair,
        expect: [TCP, UDP, { ...TCP, ...BACK }, { ...UDP, ...BACK }],
      },
      {
        name: 'another connection carries the 200 kB',
        nodes: [at('10.0.0.1', 'control-plane'), at('10.0.0.2')],
        expect: [{ ...TCP, bulk: false }, UDP, { ...TCP, ...BACK, bulk: false }, { ...UDP, ...BACK }],
      },
      { name: 'etcd alone', nodes: [at('10.0.0.1'), at('10.0.0.2', 'etcd')], expect: [] },
      {
        name: 'a node that has joined',
        nodes: [at('10.0.0.1'), at('10.0.0.2', 'worker', { stage: 'joined' })],
        expect: [
          { ...TCP, ...BACK },
          { ...UDP, ...BACK },
        ],
      },
      {
        name: 'a node that has joined, by name',
        nodes: [at('10.0.0.1'), at('10.0.0.2', 'worker', { stage: 'joined' })],
        plan: { only: ['ports/node-ports-reachable'] },
        expect: [TCP, UDP, { ...TCP, ...BACK }, { ...UDP, ...BACK }],
      },
      {
        name: 'a node that has joined, by its category',
        nodes: [at('10.0.0.1'), at('10.0.0.2', 'worker', { stage: 'joined' })],
        plan: { only: ['ports'] },
        expect: [
          { ...TCP, ...BACK },
          { ...UDP, ...BACK },
        ],
      },
    ],
    compare: [
      { name: 'files of runs that knew nothing of each other', nodes: pair, sent: false, expect: [] },
      whole('the whole range is open, told in pieces', open, { reason: 'open', status: 'pass' }),
      {
        name: 'a hole of 500 ports is exactly those',
        nodes: pair,
        probed: swept([
          over(range(30_000, 30_499), open),
          over(range(31_000, 32_767), open),
          over(range(30_500, 30_502), reach(silence({ heldBack: 0 }), nothing(), { attempts: 2 })),
          over(range(30_503, 30_999), reach(silence({ waitedMs: 1600 }), nothing())),
        ]),
        expect: [
          { subject: 'tcp/30000-30499', reason: 'open' },
          {
            subject: 'tcp/30500-30999',
            reason: 'request-lost',
            status: 'fail',
            why: 'A Service that is given such a NodePort is not reached by it on that node.',
            actual: 'w1: 2 sent, silence for 1.6 s; w2: listening, 0 arrived, 0 answered',
          },
          { subject: 'tcp/31000-32767', reason: 'open' },
          ...OPEN,
        ],
      },
      ...(
        [
          [
            'peer-input',
            null,
            'Lost on w2 itself: by its counters it came in from w1, and never reached w2’s listener.',
          ],
          [null, 'before-peer', 'Lost on the way to w2: it left w1 and never reached w2, by the counters there.'],
          ['peer-input', 'before-peer', 'Lost on the way to w2: it left w1 and never reached w2’s listener.'],
        ] as const
      ).map(([first, second, message]) => ({
        name: `a range lost, by counters ${first ?? 'that were not read'} and ${second ?? 'that were not read'}`,
        nodes: pair,
        probed: swept([
          over(range(30_000, 30_002), reach(silence({ heldBack: 0 }), nothing({ lostAt: first }))),
          over(range(30_003, 32_767), reach(silence({ heldBack: 0 }), nothing({ lostAt: second }))),
        ]),
        expect: [
          {
            subject: 'tcp/30000-32767',
            reason: 'request-lost',
            message,
          },
          ...OPEN,
        ],
      })),
      {
        name: 'neighbours with one reason, whatever error told it',
        nodes: pair,
        probed: swept([
          over(range(30_000, 31_000), reach(refused(), nothing())),
          over(range(31_001, 32_767), reach(failed('EHOSTUNREACH'), nothing())),
        ]),
        expect: [{ subject: 'tcp/30000-32767', reason: 'rejected' }, ...OPEN],
      },
      {
        name: 'Services and owners among them, and a part of which nobody heard',
        nodes: pair,
        probed: swept([
          over(range(30_000, 30_079), open),
          over(range(30_080, 30_080), reach(silence(), nothing({ listener: 'service', detail: 'default/web' }))),
          over(
            range(30_081, 30_081),
            reach(accepted(), nothing({ listener: 'owner', detail: 'game (pid 9)', established: 1 })),
          ),
          over(range(30_082, 31_999), open),
        ]),
        expect: [
          { subject: 'tcp/30000-30079', reason: 'open' },
          { subject: 'tcp/30080', reason: 'service-owned', status: 'skip' },
          { subject: 'tcp/30081', reason: 'open', message: 'w1 reaches w2: game (pid 9) takes the connection.' },
          { subject: 'tcp/30082-31999', reason: 'open' },
          { subject: 'tcp/32000-32767', reason: 'undecided', status: 'unknown' },
          ...OPEN,
        ],
      },
      {
        name: '200 kB stand still on one of them',
        nodes: pair,
        probed: swept([over(RANGE, open)], 30_000),
        expect: [
          { subject: 'tcp/30000', reason: 'stalled', status: 'fail' },
          { subject: 'tcp/30001-32767', reason: 'open' },
          ...OPEN,
        ],
      },
      whole('reply lost', reach(silence(), nothing({ halfOpen: 1 })), { reason: 'reply-lost' }),
      whole('lost', reach(silence(), nothing({ cookies: 1 })), { reason: 'lost' }),
      whole('half-open', reach(accepted(), nothing({ halfOpen: 1 })), { reason: 'half-open' }),
      whole('NAT', reach(sender(), receiver({ source: '192.0.2.1' })), { reason: 'source-rewritten', status: 'warn' }),
      whole('somebody else', reach(accepted({ spoken: true }), nothing()), { reason: 'wrong-host' }),
      whole('the own firewall', reach(silence({ heldBack: 3 }), nothing()), { reason: 'blocked-locally' }),
      whole('no neighbour', reach(silence({ neighbour: 'failed' }), nothing()), { reason: 'no-neighbour' }),
      whole('not opened', reach(refused(), nothing({ listener: 'unavailable' })), { reason: 'listener-unavailable' }),
      whole('nobody listens', reach(refused(), nothing({ listener: 'none' })), { reason: 'no-listener' }),
      whole('lost sight of', reach(silence(), null), { reason: 'undecided' }),
      {
        name: 'UDP in part, dressed, and held by the kernel',
        nodes: [pair[0]!, at('10.0.0.2', 'worker', { self: false })],
        probed: [
          ...swept([over(RANGE, open)]).filter(
            ({ kind, request }) => kind !== 'udp' || ('to' in request && request.to === 'w1'),
          ),
          {
            kind: 'udp',
            request: UDP,
            reading: {
              value: {
                reaches: [
                  over(range(30_000, 30_000), reach(sender({ answers: of20(5) }), receiver({ requests: of20(5) }))),
                  over(range(30_001, 30_001), reach(sender(), receiver({ dressed: of20(0), likeDressed: of20(20) }))),
                  over(range(30_002, 32_767), reach(silence(), nothing({ listener: 'kernel' }))),
                ],
                bulk: null,
              },
            },
          },
        ],
        expect: [
          { subject: 'tcp/30000-32767', reason: 'open' },
          { subject: 'udp/30000', reason: 'lossy' },
          { subject: 'udp/30001', reason: 'encapsulation-lost' },
          { subject: 'udp/30002-32767', reason: 'kernel-owned', status: 'skip' },
          ...OPEN.slice(1),
        ],
      },
      {
        name: 'a node that has joined is left alone',
        nodes: [pair[0]!, at('10.0.0.2', 'worker', { stage: 'joined' })],
        probed: swept([]).slice(2),
        expect: [
          ...OPEN.slice(1),
          {
            nodes: ['w2'],
            subject: '30000-32767',
            reason: 'not-swept',
            status: 'skip',
            message:
              'w2 has joined: its NodePorts are left to its Services, unless --only ports/node-ports-reachable asks for them.',
          },
        ],
      },
      {
        name: 'nodes of etcd alone',
        nodes: [at('10.0.0.1', 'etcd'), at('10.0.0.2', 'etcd')],
        expect: [{ nodes: ['w1', 'w2'], reason: 'not-needed', status: 'skip' }],
      },
      {
        name: 'a peer that cannot be reached',
        nodes: [pair[0]!, { ...at('10.0.0.2', 'worker', { addresses: [] }), unreachable: 'w2 is silent.' }],
        expect: [{ nodes: ['w1', 'w2'], subject: 'tcp/10777', reason: 'peer-unreachable', status: 'unknown' }],
      },
      {
        name: 'a mesh without results',
        nodes: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((address) =>
          at(address, 'worker', { self: false }),
        ),
        expect: [
          ...Array.from({ length: 16 }, () => ({ reason: 'undecided' })),
          {
            subject: 'coverage',
            reason: 'sampled',
            status: 'skip',
            message: 'The range of each node was tried from 2 neighbours: 8 of 12 pairs.',
          },
        ],
      },
    ],
  },
  test,
);

const mesh = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    node: {
      name: `n${index}`,
      self: false,
      roles: ['worker'],
      stage: 'fresh',
      kubernetesVersion: '1.36',
      versionFrom: 'default',
      addresses: [`10.0.0.${index + 1}`],
    } as const,
    facts,
  }));

test('in a mesh each range is swept from two neighbours, always the same; of three nodes from all others', () => {
  const requests = check.probes?.(mesh(60), { plan: DEFAULTS }) ?? [];
  expect(requests).toHaveLength(240);
  for (let index = 0; index < 60; index++)
    expect(requests.filter((each) => each.kind === 'tcp' && each.to === `n${index}`)).toHaveLength(2);
  expect(check.probes?.(mesh(60), { plan: DEFAULTS })).toEqual(requests);
  expect(check.probes?.(mesh(3), { plan: DEFAULTS })).toHaveLength(12);
});

test('a healthy mesh has one finding for each protocol and pair', () => {
  const nodes = mesh(3);
  const probed = probedWith(check.probes?.(nodes, { plan: DEFAULTS }) ?? [], () => ({}));
  const found = check.compare?.(nodes, { plan: DEFAULTS, probed, sent: true }) ?? [];
  expect(found.map(({ reason }) => reason)).toEqual(Array.from({ length: 12 }, () => 'open'));
});
