import { expect, test } from 'vitest';
import { liveSource } from '../../src/evidence/live.ts';
import type { FactTable } from '../../src/evidence/facts.ts';
import { facts } from '../../src/facts/index.ts';
import type { Role } from '../../src/plan/settings.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { BAD, TOOL, checkWith, eventsOf, planWith, reportOf } from './given.ts';

test('the events are: started, nodes, checks, finished', async () => {
  const events = await eventsOf({ checks: [checkWith({}), checkWith({ id: 'test/other' })] });
  expect(events.map(({ type }) => type)).toEqual(['started', 'node', 'check', 'check', 'finished']);
});

test('checks stand in the order of the catalogue, whichever ends first', async () => {
  const slow = new Promise<{ value: unknown }>((done) => setTimeout(() => done({ value: {} }), 20));
  const report = await reportOf({
    checks: [checkWith({ id: 'test/slow', needs: ['machineId'] }), checkWith({ id: 'test/fast' })],
    machines: [{ key: 'self', hostname: 'w1', readings: { machineId: slow } }],
  });
  expect(report.checks.map(({ id }) => id)).toEqual(['test/slow', 'test/fast']);
});

test('--only names ids and categories: what it does not name is not part of the run', async () => {
  const checks = ['a/x', 'a/y', 'b/z'].map((id) => checkWith({ id }));
  const ids = async (only: readonly string[]) =>
    (await reportOf({ checks, plan: planWith({ only }) })).checks.map(({ id }) => id);
  expect(await ids(['a'])).toEqual(['a/x', 'a/y']);
  expect(await ids(['a/y', 'b'])).toEqual(['a/y', 'b/z']);
});

test('what --skip names stays in the report and says why, and its facts are not read', async () => {
  const read: string[] = [];
  const never = () => {
    throw new Error('it must not be judged');
  };
  const table: FactTable = {
    ...facts,
    machineId: {
      ...facts.machineId,
      read: async () => {
        read.push('machineId');
        return { machineId: '' };
      },
    },
  };
  const plan = planWith({ only: ['a'], skip: ['a/x', 'b'] });
  const { signal } = new AbortController();
  const report = await reportOf({
    checks: [
      checkWith({ id: 'a/x', needs: ['machineId'], judge: never }),
      checkWith({ id: 'a/y' }),
      checkWith({ id: 'b/z' }),
    ],
    plan,
    source: liveSource({ system: rootedSystem('/nonexistent'), facts: table, plan, tool: TOOL, signal }),
  });
  expect(report.checks.map(({ id, status }) => [id, status])).toEqual([
    ['a/x', 'skip'],
    ['a/y', 'pass'],
  ]);
  expect(report.checks[0]?.findings).toMatchObject([
    { reason: 'not-asked', subject: '--skip a/x', message: 'It was not asked for: --skip a/x.' },
  ]);
  expect(report.summary).toMatchObject({ pass: 1, skip: 1 });
  expect(read).toEqual([]);
});

test('of several nodes a skipped check has one finding', async () => {
  const machines = ['w1', 'w2'].map((hostname) => ({ key: hostname, hostname }));
  const report = await reportOf({ checks: [checkWith({})], machines, plan: planWith({ skip: ['test'] }) });
  expect(report.checks[0]?.findings).toMatchObject([{ reason: 'not-asked', nodes: ['w1', 'w2'] }]);
});

test('what stands for checks that nobody knows is judged whatever is selected', async () => {
  const checks = [checkWith({ id: 'a/x' }), checkWith({ id: 'plugins/acme-1', unconditional: true })];
  const report = await reportOf({ checks, plan: planWith({ only: ['a'], skip: ['plugins'] }) });
  expect(report.checks.map(({ id, status }) => [id, status])).toEqual([
    ['a/x', 'pass'],
    ['plugins/acme-1', 'pass'],
  ]);
});

test.each([
  ['ready', [checkWith({}), checkWith({ id: 't/w', judge: () => [{ ...BAD, reason: 'odd' }] })]],
  ['not-ready', [checkWith({}), checkWith({ id: 't/u', needs: ['machineId'] }), checkWith({ judge: () => [BAD] })]],
  ['unknown', [checkWith({}), checkWith({ id: 't/u', needs: ['machineId'] })]],
])('the verdict is %s', async (verdict, checks) => {
  const report = await reportOf({ checks });
  expect(report.verdict).toBe(verdict);
  expect(reportSchema.parse(report)).toEqual(report);
});

test('the counts are of checks, each by its worst finding', async () => {
  const report = await reportOf({
    checks: [
      checkWith({ judge: () => [BAD, { ...BAD, reason: 'odd' }] }),
      checkWith({ id: 't/b', stages: ['joined'] }),
    ],
  });
  expect(report.summary).toEqual({ pass: 0, warn: 0, fail: 1, unknown: 0, skip: 1 });
});

test('a joined node knows its role from its manifests, and words of the user win', async () => {
  const machines = [{ key: 'self', hostname: 'CP1', manifests: ['etcd.yaml', 'kube-apiserver.yaml'] }];
  expect((await reportOf({ checks: [], machines })).nodes).toMatchObject([
    { name: 'cp1', roles: ['control-plane'], stage: 'joined', self: true },
  ]);
  const plan = planWith({ role: ['worker' satisfies Role], stage: 'fresh', nodeName: 'me' });
  expect((await reportOf({ checks: [], machines, plan })).nodes).toMatchObject([
    { name: 'me', roles: ['worker'], stage: 'fresh' },
  ]);
});

test('the token of a join line is in no report', async () => {
  const join = {
    endpoint: 'cp1:6443',
    token: 'abcdef.0123456789abcdef',
    caCertHashes: [],
    unsafeSkipCaVerification: false,
    controlPlane: false,
  };
  const report = await reportOf({ checks: [], plan: planWith({ join }) });
  expect(JSON.stringify(report)).not.toContain('0123456789abcdef');
});

/** A live source one of whose facts never comes. */
function hanging(signal: AbortSignal, timeout: number) {
  const plan = planWith({ timeout });
  const table: FactTable = { ...facts, machineId: { ...facts.machineId, read: () => new Promise(() => undefined) } };
  return { plan, source: liveSource({ system: rootedSystem('/nonexistent'), facts: table, plan, tool: TOOL, signal }) };
}

test.each(['budget-spent', 'interrupted'])('a run that is ended (%s) still reports what it has', async (ending) => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(ending), 20);
  const report = await reportOf({
    ...hanging(abort.signal, 60_000),
    checks: [checkWith({}), checkWith({ id: 'test/late', needs: ['machineId'] })],
    signal: abort.signal,
  });
  expect(report.checks.map(({ status }) => status)).toEqual(['pass', 'unknown']);
  expect(report.checks[1]?.findings).toMatchObject([{ reason: ending, subject: 'machineId' }]);
  expect(report.run.cutShort).toBe(ending);
});

test('a run that was ended before it began reads nothing', async () => {
  const signal = AbortSignal.abort('interrupted');
  const report = await reportOf({ ...hanging(signal, 60_000), checks: [checkWith({ needs: ['machineId'] })], signal });
  expect(report.verdict).toBe('unknown');
});

test('a fact that takes too long is fact-timeout', async () => {
  const { signal } = new AbortController();
  const report = await reportOf({ ...hanging(signal, 20), checks: [checkWith({ needs: ['machineId'] })], signal });
  expect(report.checks[0]?.findings).toMatchObject([{ reason: 'fact-timeout', message: 'not read within 20ms' }]);
});

test('a fact is read once, whoever asks', async () => {
  let reads = 0;
  const plan = planWith();
  const { signal } = new AbortController();
  const table: FactTable = {
    ...facts,
    machineId: {
      ...facts.machineId,
      read: async () => {
        reads++;
        return { machineId: '' };
      },
    },
  };
  const source = liveSource({ system: rootedSystem('/nonexistent'), facts: table, plan, tool: TOOL, signal });
  await reportOf({
    plan,
    source,
    checks: [checkWith({ needs: ['machineId'] }), checkWith({ id: 't/b', wants: ['machineId'] })],
  });
  expect(reads).toBe(1);
});

test('what kind of machine it is stands in the report for those who want to see all, and only then', async () => {
  const inventory = {
    os: 'Debian GNU/Linux 12',
    kernel: '6.1.0',
    architecture: 'x64',
    virtualisation: 'KVM',
    cpu: 'AMD EPYC',
    cores: 2,
    memory: 4_000_000_000,
  };
  const given = {
    checks: [checkWith({})],
    machines: [{ key: 'self', hostname: 'w1', readings: { inventory: { value: inventory } } }],
  };
  const [node] = reportSchema.parse(await reportOf({ ...given, plan: planWith({ verbose: true }) })).nodes;
  expect(node?.inventory).toEqual(inventory);
  expect((await reportOf(given)).nodes[0]).not.toHaveProperty('inventory');
  const unread = await reportOf({ checks: [checkWith({})], plan: planWith({ verbose: true }) });
  expect(unread.nodes[0]).not.toHaveProperty('inventory');
});
