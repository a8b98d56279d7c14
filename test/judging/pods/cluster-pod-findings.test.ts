import { describe, expect, test } from 'vitest';
import type { Node } from '../../../src/engine/node.ts';
import type { SenderSaw } from '../../../src/evidence/reach.ts';
import { clusterPodFindings } from '../../../src/judging/pods/cluster-pod-findings.ts';
import { targetsOf, targetRequests, type InCluster } from '../../../src/judging/pods/cluster-targets.ts';
import { clusterNode } from '../../checks/cluster/nodes.ts';
import { inCluster, knocked, NO_POLICIES, targetPod, type ClusterPod } from '../cluster-pods.ts';
import { pods } from '../pods.ts';

const NODE: Node = {
  name: 'w1',
  self: true,
  roles: ['worker'],
  stage: 'joined',
  kubernetesVersion: '1.36',
  versionFrom: 'said',
  addresses: ['10.0.0.1'],
};
const EXISTING = { pods: 'existing' } as const;
type Policies = typeof NO_POLICIES;
type Outcomes = Readonly<Record<string, SenderSaw['outcome']>>;

const SOURCE = pods('w1', {}, 1, 'existing');
const W2_SILENT = { '10.244.2.10': 'silence', '10.244.2.11': 'silence' } as const;
const W3_ANSWERS = { '10.244.3.10': 'accepted', '10.244.3.11': 'silence' } as const;

/** Findings by node, of what w1 saw. */
function judged(outcomes: Outcomes, given: { pods?: readonly ClusterPod[]; policies?: Policies } = {}) {
  const nodes: InCluster[] = [{ node: NODE, facts: inCluster(given) }];
  const findings = clusterPodFindings(nodes, EXISTING, [SOURCE, ...knocked(outcomes)]);
  return Object.fromEntries(findings.map((finding) => [finding.subject.replace('pod → pods of ', ''), finding]));
}

test('one pod that answers shows the way to its node, whatever the others do', () => {
  const { w2, w3 } = judged({ '10.244.2.10': 'refused', '10.244.2.11': 'accepted', ...W3_ANSWERS });
  expect([w2?.reason, w3?.reason]).toEqual(['open', 'open']);
});

test('silence of several pods of one node, while those of another one answer, is a fault', () => {
  const { w2, w3 } = judged({ ...W2_SILENT, ...W3_ANSWERS });
  expect([w2?.reason, w3?.reason]).toEqual(['lost', 'open']);
  expect(w2).toMatchObject({ actual: 'silence', remedy: { commands: ['ip route get 10.244.2.10'] } });
});

test('pods of its own node show as well that this one can send', () => {
  const silent = { ...W2_SILENT, '10.244.3.10': 'silence', '10.244.3.11': 'silence' } as const;
  expect(judged({ '10.244.1.10': 'accepted', ...silent })['w3']?.reason).toBe('lost');
  const alone = judged({ '10.244.1.10': 'silence', ...silent });
  expect([alone['w2']?.reason, alone['w3']?.reason]).toEqual(['undecided', 'undecided']);
  expect(alone['w2']?.message).toContain('no other pod answered');
});

describe('what proves no fault', () => {
  test('the silence of a single pod', () => {
    const given = { pods: [targetPod(2, 0), targetPod(3, 0)] };
    const { w2 } = judged({ '10.244.2.10': 'silence', '10.244.3.10': 'accepted' }, given);
    expect([w2?.reason, w2?.message]).toEqual(['undecided', expect.stringContaining('the only pod there')]);
  });

  test.each(['EMFILE', 'EADDRNOTAVAIL', 'ENOBUFS'])('a limit of this machine: %s', (errno) => {
    const seen = knocked({ '10.244.2.10': 'error', '10.244.2.11': 'error', ...W3_ANSWERS }, errno);
    const nodes: InCluster[] = [{ node: NODE, facts: inCluster() }];
    const [w2] = clusterPodFindings(nodes, EXISTING, [SOURCE, ...seen]);
    expect([w2?.reason, w2?.message]).toEqual(['undecided', expect.stringContaining(errno)]);
  });

  test('a refusal: a pod need not listen on what it declares', () => {
    const { w2 } = judged({ '10.244.2.10': 'refused', '10.244.2.11': 'silence', ...W3_ANSWERS });
    expect([w2?.reason, w2?.message]).toEqual(['undecided', expect.stringContaining('need not listen')]);
  });

  const policy = (changes: Partial<Policies['policies'][number]>): Policies => ({
    ...NO_POLICIES,
    policies: [
      {
        namespace: 'default',
        name: 'deny',
        matchLabels: {},
        matchExpressions: [],
        ingress: true,
        egress: false,
        ...changes,
      },
    ],
  });
  const expression = (operator: string, ...values: string[]) => ({
    matchExpressions: [{ key: 'app', operator, values }],
  });

  test.each([
    ['a policy that selects all pods of the namespace', policy({}), true],
    ['one by label', policy({ matchLabels: { app: 'web' } }), true],
    ['one by another label', policy({ matchLabels: { app: 'db' } }), false],
    ['one of another namespace', policy({ namespace: 'other' }), false],
    ['one that is about what leaves', policy({ ingress: false, egress: true }), true],
    ['In', policy(expression('In', 'web', 'db')), true],
    ['In others', policy(expression('In', 'db')), false],
    ['NotIn', policy(expression('NotIn', 'db')), true],
    ['Exists', policy(expression('Exists')), true],
    ['DoesNotExist', policy(expression('DoesNotExist')), false],
    ['an operator that is not known', policy(expression('Resembles', 'x')), true],
    ['policies of the add-on', { ...NO_POLICIES, others: ['ciliumnetworkpolicies.cilium.io'] }, true],
    ['more than were read', { ...NO_POLICIES, complete: false }, true],
  ])('%s', (_what, policies, isInTheWay) => {
    expect(judged({ ...W2_SILENT, ...W3_ANSWERS }, { policies })['w2']?.reason).toBe(isInTheWay ? 'undecided' : 'lost');
  });

  test('policies that may not be read, with the rule that allows it', () => {
    const denied = { unread: 'denied', detail: 'a role allows it by the rule X.' } as const;
    const node: InCluster = { node: NODE, facts: { ...inCluster(), clusterPolicies: denied } };
    const [w2] = clusterPodFindings([node], EXISTING, [SOURCE, ...knocked({ ...W2_SILENT, ...W3_ANSWERS })]);
    expect([w2?.reason, w2?.message]).toEqual(['undecided', expect.stringContaining('by the rule X')]);
  });

  test('a pod that sends and is not known to the API: any policy about what leaves may select it', () => {
    const given = {
      pods: [2, 3].flatMap((node) => [targetPod(node, 0), targetPod(node, 1)]),
      policies: policy({ namespace: 'other', ingress: false, egress: true }),
    };
    expect(judged({ ...W2_SILENT, ...W3_ANSWERS }, given)['w2']?.message).toContain('may select the pod that sends');
  });
});

describe('who is tried', () => {
  const targets = (facts: InCluster['facts'], others: readonly InCluster[] = []) => {
    const own: InCluster = { node: NODE, facts };
    return targetsOf(own, [own, ...others], EXISTING);
  };

  test('Ready pods of Ready nodes, by the port of DNS where there is one, three of a node', () => {
    const facts = inCluster({
      pods: [
        targetPod(2, 0, { ports: [9153, 53] }),
        targetPod(2, 1, { ready: false }),
        targetPod(2, 2, { ports: [] }),
        ...[3, 4, 5].map((index) => targetPod(2, index)),
      ],
    });
    const found = targets(facts);
    expect(found?.targets.get('w2')?.map(({ address, port }) => `${address}:${port}`)).toEqual([
      '10.244.2.10:53',
      '10.244.2.13:8080',
      '10.244.2.14:8080',
    ]);
    expect(found?.without).toEqual(['w3']);
  });

  test('none of nodes that are not ready, or are going', () => {
    const [w1, w2, w3] = inCluster().clusterNodes.value;
    if (w1 === undefined || w2 === undefined || w3 === undefined) throw new Error('three nodes');
    const nodes = [w1, { ...w2, ready: 'Unknown' }, { ...w3, deleting: true }];
    expect(targets({ ...inCluster(), clusterNodes: { value: nodes } })).toMatchObject({
      targets: new Map(),
      without: [],
    });
  });

  test('none of nodes that take part: those see both sides. One that was not reached is tried', () => {
    const peer = { node: { ...NODE, name: 'w2', self: false, addresses: ['10.0.0.2'] }, facts: inCluster() };
    expect([...(targets(inCluster(), [peer])?.targets.keys() ?? [])]).toEqual(['w3']);
    expect([...(targets(inCluster(), [{ ...peer, unreachable: 'refused' }])?.targets.keys() ?? [])]).toEqual([
      'w2',
      'w3',
    ]);
    expect(
      targetRequests([{ node: NODE, facts: inCluster() }, peer], EXISTING).every(
        (each) => !('from' in each) || each.from === 'w1',
      ),
    ).toBe(true);
  });

  test('of a large cluster the neighbours on a ring', () => {
    const nodes = Array.from({ length: 40 }, (_, index) =>
      clusterNode({ name: `w${index + 1}`, internalIps: [`10.0.0.${index + 1}`] }),
    );
    const found = targets({ ...inCluster(), clusterNodes: { value: nodes } });
    expect([(found?.targets.size ?? 0) + (found?.without.length ?? 0), found?.sampledOf]).toEqual([10, 39]);
  });

  test('nobody where the API does not know this node', () => {
    expect(
      targets({
        ...inCluster(),
        clusterNodes: { value: [clusterNode({ name: 'other', internalIps: ['192.0.2.1'] })] },
      }),
    ).toBeNull();
  });
});
