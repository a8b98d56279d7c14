import { expect, test } from 'vitest';
import type { Check } from '../../src/engine/check.ts';
import { holders } from '../../src/judging/duplicates.ts';
import identityMachineId from '../../checks/identity/machine-id.ts';
import { BAD, checkWith, findingsOf, planWith, reportOf } from './given.ts';

const id = (machineId: string) => ({ machineId: { value: { machineId } } });
const A = '0123456789abcdef0123456789abcdef';
const B = 'fedcba9876543210fedcba9876543210';

/** A check whose compare half notes what it was handed. */
function spy(over: Partial<Check> = {}) {
  const seen: string[][] = [];
  const check = checkWith({
    needs: ['machineId'],
    compare: (nodes) => {
      seen.push(nodes.map(({ node }) => node.name));
      return [];
    },
    ...over,
  });
  return { check, seen };
}

test('clones with one host name stay apart, and a finding says which file each is', async () => {
  const hostnames: unknown[] = [];
  const check = checkWith({
    needs: ['hostname'],
    compare: (nodes) => {
      hostnames.push(...nodes.map(({ facts }) => facts));
      const groups = holders(nodes, () => 'w1');
      return groups.map(({ nodes: names }) => ({ ...BAD, nodes: names }));
    },
  });
  const report = await reportOf({
    checks: [check],
    machines: [
      { key: 'a.json', hostname: 'w1' },
      { key: 'b.json', hostname: 'W1' },
      { key: 'c.json', hostname: 'w2' },
    ],
  });
  expect(report.nodes.map(({ name }) => name)).toEqual(['w1 (a.json)', 'w1 (b.json)', 'w2']);
  expect(report.checks[0]?.findings.at(-1)?.nodes).toEqual(['w1 (a.json)', 'w1 (b.json)', 'w2']);
  expect(hostnames).toMatchObject([
    { hostname: { hostname: 'w1' } },
    { hostname: { hostname: 'W1' } },
    { hostname: { hostname: 'w2' } },
  ]);
});

test('a node that could not be had: an error, whatever kept it away', async () => {
  const { check, seen } = spy({ needs: [] });
  const machines = [
    { key: 'a', hostname: 'w1' },
    { key: 'b', hostname: 'w2' },
    { key: 'c', hostname: 'w3', unreachable: 'c has another token.' },
  ];
  const report = await reportOf({ checks: [check], machines });
  const about = report.checks[0]?.findings.filter(({ subject }) => subject === 'control channel');
  expect(about).toMatchObject([{ status: 'unknown', reason: 'fact-error', message: 'c has another token.' }]);
  expect(seen).toHaveLength(1);
});

test('a node that could not be had is judged by what others told of it, and by nothing else', async () => {
  const unreachable = 'c has another token.';
  const told = { key: 'c', hostname: 'w3', unreachable, readings: { clusterNodes: { value: [] } } };
  const reasonsOf = async (needs: readonly ('clusterNodes' | 'machineId')[]) =>
    (await findingsOf({ machines: [told], check: { needs } })).map(({ reason }) => reason);
  expect(await reasonsOf(['clusterNodes'])).toEqual(['fine']);
  expect(await reasonsOf(['clusterNodes', 'machineId'])).toEqual(['fact-error']);
  expect(await reasonsOf([])).toEqual(['fact-error']);
});

test('a node whose fact is unread is not compared', async () => {
  const { check, seen } = spy();
  const machines = [
    { key: 'a', hostname: 'w1', readings: id(A) },
    { key: 'b', hostname: 'w2' },
    { key: 'c', hostname: 'w3', readings: id(A) },
  ];
  await reportOf({ checks: [check], machines });
  expect(seen).toEqual([['w1', 'w3']]);
});

test('one node that was read is not called unique', async () => {
  const machines = [
    { key: 'a', hostname: 'w1', readings: id(A) },
    { key: 'b', hostname: 'w2' },
  ];
  const report = await reportOf({ checks: [identityMachineId], machines });
  expect(report.checks[0]?.findings.map(({ nodes, reason }) => [nodes, reason])).toEqual([
    [['w1'], 'valid'],
    [['w2'], 'fact-missing'],
  ]);
  expect(report.verdict).toBe('unknown');
});

test('a duplicate names the nodes that have it', async () => {
  const machines = [
    { key: 'a', hostname: 'w1', readings: id(A) },
    { key: 'b', hostname: 'w2', readings: id(B) },
    { key: 'c', hostname: 'w3', readings: id(A) },
  ];
  const report = await reportOf({ checks: [identityMachineId], machines });
  expect(report.checks[0]?.findings.filter(({ status }) => status === 'fail')).toMatchObject([
    { nodes: ['w1', 'w3'], reason: 'duplicate' },
  ]);
});

test('a comparison that throws, or names nobody, is unknown', async () => {
  const machines = [
    { key: 'a', hostname: 'w1' },
    { key: 'b', hostname: 'w2' },
  ];
  const thrown = await findingsOf({
    check: {
      compare: () => {
        throw new Error('oh');
      },
    },
    machines,
  });
  expect(thrown.at(-1)).toMatchObject({ nodes: ['w1', 'w2'], reason: 'check-error' });
  const nobody = await findingsOf({ check: { compare: () => [{ ...BAD, nodes: ['w9'] }] }, machines });
  expect(nobody.at(-1)).toMatchObject({ nodes: ['w1', 'w2'], reason: 'check-error' });
});

test('each machine is judged by what was said of it there, and all by what is said now', async () => {
  const plans: (readonly string[])[] = [];
  const shared: (readonly string[])[] = [];
  const check = checkWith({
    judge: (_, { node, plan }) => {
      plans.push([node.name, ...node.roles, plan.cni ?? '', ...plan.podCidr]);
      return [{ subject: 'it', reason: 'fine', message: '' }];
    },
    compare: (_, { plan }) => {
      shared.push([plan.cni ?? '', ...plan.podCidr]);
      return [];
    },
  });
  const said = { podCidr: ['10.244.0.0/16'], cni: 'flannel' };
  const report = await reportOf({
    checks: [check],
    plan: planWith({ cni: 'calico-vxlan' }),
    machines: [
      { key: 'a', hostname: 'cp1', said: { ...said, role: ['control-plane'] } },
      { key: 'b', hostname: 'w1', said: { ...said, role: ['worker'] } },
    ],
  });
  expect(plans).toEqual([
    ['cp1', 'control-plane', 'calico-vxlan', '10.244.0.0/16'],
    ['w1', 'worker', 'calico-vxlan', '10.244.0.0/16'],
  ]);
  expect(shared).toEqual([['calico-vxlan', '10.244.0.0/16']]);
  expect(report.plan['podCidr']).toEqual({ value: ['10.244.0.0/16'], origin: 'saved facts' });
  expect(report.plan['cni']).toEqual({ value: 'calico-vxlan', origin: 'flag' });
  expect(report.plan['role']).toEqual({ value: [], origin: 'default' });
});

test('each node is asked only what its stage and role have', async () => {
  const findings = await findingsOf({
    check: { stages: ['joined'] },
    machines: [
      { key: 'a', hostname: 'cp1', manifests: ['kube-apiserver.yaml'] },
      { key: 'b', hostname: 'w1' },
    ],
  });
  expect(findings.map(({ nodes, reason }) => [nodes, reason])).toEqual([
    [['cp1'], 'fine'],
    [['w1'], 'other-stage'],
  ]);
});

test('a judge sees who takes part beside the node', async () => {
  const seen: unknown[] = [];
  await findingsOf({
    check: {
      judge: (_, { node, nodes }) => {
        seen.push([node.name, nodes?.map(({ name }) => name)]);
        return [{ subject: 'it', reason: 'fine', message: '' }];
      },
    },
    machines: [
      { key: 'a', hostname: 'cp1' },
      { key: 'b', hostname: 'w1' },
    ],
  });
  expect(seen).toEqual([
    ['cp1', ['cp1', 'w1']],
    ['w1', ['cp1', 'w1']],
  ]);
});
