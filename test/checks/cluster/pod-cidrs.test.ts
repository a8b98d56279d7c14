import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import check from '../../../checks/cluster/pod-cidrs.ts';
import { overlapping } from '../../../src/judging/cluster/overlapping-networks.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { formatCidr, network, overlaps } from '../../../src/values/cidr.ts';
import { clusterNode } from './nodes.ts';

const W1 = clusterNode();
const W2 = clusterNode({ name: 'w2', internalIps: ['10.0.0.13'], podCidrs: ['10.244.2.0/24'] });
const CLUSTER = { podCidr: ['10.244.0.0/16'], serviceCidr: ['10.96.0.0/12'] };

testCheck(
  check,
  {
    judge: [
      {
        name: 'a healthy cluster, dual stack too',
        plan: CLUSTER,
        facts: {
          clusterNodes: [
            W1,
            { ...W2, podCidrs: ['10.244.2.0/24', 'fd00:2::/64'], internalIps: ['10.0.0.13', 'fd00::13'] },
          ],
        },
        expect: [{ reason: 'apart', status: 'pass', evidence: { nodes: 2, networks: 3 } }],
      },
      {
        name: 'an add-on with pools of its own',
        facts: { clusterNodes: [clusterNode({ podCidrs: [] })] },
        expect: [{ reason: 'none-given', status: 'skip' }],
      },
      {
        name: 'two nodes with one network',
        facts: { clusterNodes: [W1, { ...W2, podCidrs: W1.podCidrs }] },
        expect: [
          {
            reason: 'overlap',
            status: 'fail',
            subject: 'the pods of w1 (10.244.1.0/24) and the pods of w2 (10.244.1.0/24)',
          },
        ],
      },
      {
        name: 'a network of pods within that of Services',
        plan: { serviceCidr: ['10.244.0.0/16'] },
        facts: { clusterNodes: [W1] },
        expect: [
          {
            reason: 'overlap',
            subject: 'the service network (10.244.0.0/16) and the pods of w1 (10.244.1.0/24)',
            actual: '10.244.0.0/16 and 10.244.1.0/24',
          },
        ],
      },
      {
        name: 'a node in the network of the pods of another one',
        facts: { clusterNodes: [W1, { ...W2, internalIps: ['10.244.1.9'] }] },
        expect: [
          { reason: 'overlap', subject: 'the pods of w1 (10.244.1.0/24) and the address of w2 (10.244.1.9/32)' },
        ],
      },
      {
        name: 'Services and nodes that overlap among themselves are asked elsewhere',
        plan: { serviceCidr: ['10.0.0.0/16'] },
        facts: { clusterNodes: [W1, W2] },
        expect: [{ reason: 'apart' }],
      },
      {
        name: 'outside of the cluster’s',
        plan: { podCidr: ['10.200.0.0/16', 'fd00::/48'] },
        facts: { clusterNodes: [W1, W2] },
        expect: [
          { reason: 'outside', status: 'warn', subject: 'the pods of w1 (10.244.1.0/24)', actual: '10.244.1.0/24' },
        ],
      },
      {
        name: 'both families of the same two nodes, each a finding of its own',
        facts: {
          clusterNodes: [
            { ...W1, podCidrs: ['10.244.1.0/24', 'fd00:1::/64'] },
            { ...W2, podCidrs: ['10.244.1.0/24', 'fd00:1::/64'] },
          ],
        },
        expect: [
          { reason: 'overlap', subject: 'the pods of w1 (10.244.1.0/24) and the pods of w2 (10.244.1.0/24)' },
          { reason: 'overlap', subject: 'the pods of w1 (fd00:1::/64) and the pods of w2 (fd00:1::/64)' },
        ],
      },
      {
        name: 'both families outside of the cluster’s',
        plan: { podCidr: ['10.200.0.0/16', 'fd00::/48'] },
        facts: { clusterNodes: [{ ...W1, podCidrs: ['10.244.1.0/24', 'fd01:1::/64'] }] },
        expect: [
          { reason: 'outside', subject: 'the pods of w1 (10.244.1.0/24)' },
          { reason: 'outside', subject: 'the pods of w1 (fd01:1::/64)' },
        ],
      },
      {
        name: 'others have one',
        facts: { clusterNodes: [clusterNode({ podCidrs: [] }), W2] },
        expect: [{ reason: 'missing', status: 'warn' }],
      },
      {
        name: 'it has just registered, and has not been given one yet',
        facts: { clusterNodes: [clusterNode({ podCidrs: [], ready: 'False' }), W2] },
        expect: [{ reason: 'apart', status: 'pass', evidence: { nodes: 1, networks: 1 } }],
      },
    ],
  },
  test,
);

test('as each pair would be compared, some overlap is found exactly where there is one', () => {
  const cidr = fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 8, max: 32 }))
    .map(([a, b, prefix]) => ({
      cidr: network({ family: 4, bits: (10n << 24n) | (BigInt(a) << 8n) | BigInt(b) }, prefix),
    }));
  fc.assert(
    fc.property(fc.array(cidr, { maxLength: 12 }), (all) => {
      const held = all.filter((each, index) =>
        all.some((other, place) => place !== index && overlaps(each.cidr, other.cidr)),
      );
      const found = new Set(overlapping(all).flat());
      expect([...found].every((each) => held.includes(each))).toBe(true);
      expect(
        held
          .map(({ cidr: each }) => formatCidr(each))
          .filter((text) => ![...found].some((one) => formatCidr(one.cidr) === text)),
      ).toEqual([]);
    }),
  );
});
