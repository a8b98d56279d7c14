import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import { evidenceJsonSchema } from '../../src/evidence/evidence-schema.ts';
import { EvidenceError } from '../../src/evidence/evidence-error.ts';
import { liveSource } from '../../src/evidence/live.ts';
import { savedSource } from '../../src/evidence/saved.ts';
import { parseEvidence } from '../../src/evidence/saved-file.ts';
import { SAVED_SETTINGS, type Evidence } from '../../src/evidence/schema.ts';
import { savedPlanSchema } from '../../src/plan/saved-plan-schema.ts';
import type { Machine, Source } from '../../src/evidence/source.ts';
import { facts } from '../../src/facts/index.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { TOOL, planWith, reportOf } from '../engine/given.ts';

let root = '';
const { signal } = new AbortController();

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'seaworthy-saved-'));
  const files = {
    'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
    'etc/hostname': 'w1\n',
    'proc/sys/kernel/hostname': 'w1\n',
    'proc/sys/net/ipv4/ip_forward': '0\n',
    'etc/kubernetes/kubelet.conf': '',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
});
afterAll(() => rmSync(root, { recursive: true }));

const document = (over: Record<string, unknown> = {}, node: Record<string, unknown> = {}) =>
  JSON.stringify({
    schema: 'seaworthy.facts/v1',
    tool: TOOL,
    takenAt: '2026-01-02T03:04:05.678Z',
    nodes: [{ self: true, plan: {}, facts: {}, ...node }],
    ...over,
  });

const readFirst = (source: Source, fact: 'machineId' | 'hostname') => {
  const machine: Machine = source.machines[0] ?? { key: 'none', self: false, peer: false, judged: true, said: {} };
  return source.read(machine, fact);
};

const refusal = (text: string): string => {
  try {
    parseEvidence(text, 'w1.json');
  } catch (error) {
    if (error instanceof EvidenceError) return error.message;
    throw error;
  }
  return '';
};

test('saved facts, judged on another machine, give the same findings', async () => {
  const plan = planWith({ role: ['worker'], podCidr: ['10.244.0.0/16'] });
  const live = liveSource({ system: rootedSystem(root), facts, plan, tool: TOOL, signal });
  const before = await reportOf({ checks, plan, source: live });
  const text = JSON.stringify(live.evidence());
  const after = await reportOf({ checks, source: savedSource([parseEvidence(text, 'w1.json')], facts) });
  expect(after.checks.map(({ findings }) => findings)).toEqual(before.checks.map(({ findings }) => findings));
  expect(after.nodes).toEqual(before.nodes);
  expect(after.verdict).toBe(before.verdict);
  expect(after.plan['podCidr']).toEqual({ value: ['10.244.0.0/16'], origin: 'saved facts' });
});

test('what was said is saved, even where it is the default, and nothing else', () => {
  const plan = planWith({ kubernetesVersion: DEFAULTS.kubernetesVersion, cni: null });
  const live = liveSource({ system: rootedSystem('/nonexistent'), facts, plan, tool: TOOL, signal });
  expect(live.evidence().nodes[0]?.plan).toEqual({ kubernetesVersion: DEFAULTS.kubernetesVersion, cni: null });
});

test('a role that a ClusterConfiguration told yields to the disk there as here', async () => {
  const said = planWith({ role: ['control-plane'] });
  const plan = { ...said, origins: { ...said.origins, role: 'kubeadm configuration' as const } };
  for (const [each, roles] of [
    [plan, ['worker']],
    [said, ['control-plane']],
  ] as const) {
    const live = liveSource({ system: rootedSystem(root), facts, plan: each, tool: TOOL, signal });
    const before = await reportOf({ checks: [], plan: each, source: live });
    const source = savedSource([parseEvidence(JSON.stringify(live.evidence()), 'w1.json')], facts);
    expect(before.nodes).toMatchObject([{ stage: 'joined', roles }]);
    expect((await reportOf({ checks: [], source })).nodes).toEqual(before.nodes);
  }
});

test('a version that was said on the machine is still said when its facts are judged', async () => {
  const saved = (plan: object) => savedSource([parseEvidence(document({}, { plan }), 'a')], facts);
  const nodeOf = async (plan: object) => (await reportOf({ checks: [], source: saved(plan) })).nodes[0];
  expect(await nodeOf({ kubernetesVersion: DEFAULTS.kubernetesVersion })).toMatchObject({ versionFrom: 'said' });
  expect(await nodeOf({})).toMatchObject({ versionFrom: 'default' });
});

test('evidence that was read from a file can be saved again', async () => {
  const plan = planWith();
  const live = liveSource({ system: rootedSystem(root), facts, plan, tool: TOOL, signal });
  await reportOf({ checks, plan, source: live });
  const first: Evidence = live.evidence();
  const saved = savedSource([parseEvidence(JSON.stringify(first), 'w1.json')], facts);
  await reportOf({ checks, source: saved });
  expect(JSON.parse(JSON.stringify(saved.evidence()))).toEqual(JSON.parse(JSON.stringify(first)));
});

test('a fact that was not recorded is unread', async () => {
  const source = savedSource([parseEvidence(document(), 'w1.json')], facts);
  expect(await readFirst(source, 'machineId')).toEqual({ unread: 'missing', detail: 'not recorded in w1.json' });
});

test.each([
  { value: { machineId: 7 } },
  { value: null },
  {},
  null,
  'text',
  { unread: 'lost', detail: '' },
  { unread: 'denied' },
])('a fact of a wrong shape is unread: %j', async (machineId) => {
  const source = savedSource([parseEvidence(document({}, { facts: { machineId } }), 'w1.json')], facts);
  expect(await readFirst(source, 'machineId')).toEqual({
    unread: 'error',
    detail: 'w1.json: machineId has not the shape of this fact',
  });
});

test('a fact of an unknown name, and a key of a newer version, are ignored', async () => {
  const known = { machineId: { value: { machineId: 'x', later: 1 }, since: 2 }, tomorrow: { value: 1 } };
  const source = savedSource([parseEvidence(document({ more: 1 }, { facts: known, plan: { later: 1 } }), 'a')], facts);
  expect(await readFirst(source, 'machineId')).toEqual({ value: { machineId: 'x' } });
});

test.each([
  ['', 'is not JSON'],
  ['\u0000\u0001', 'is not JSON'],
  ['null', 'does not say "schema"'],
  ['[]', 'does not say "schema"'],
  ['{"schema":7}', 'does not say "schema"'],
  ['{"schema":"seaworthy.report/v1"}', 'it is a report'],
  ['{"schema":"seaworthy.facts/v2"}', 'a newer seaworthy wrote it (seaworthy.facts/v2)'],
  ['{"schema":"seaworthy.facts/v1"}', 'damaged'],
  [document({ nodes: [] }), 'nodes: it holds too little'],
  [document({ nodes: [7] }), 'damaged'],
  [document({}, { facts: [] }), 'damaged'],
  [document({}, { plan: { role: ['king'] } }), 'plan.role.0'],
  [document({}, { plan: { podCidr: ['all'] } }), 'it is no network'],
  [document({}, { plan: { join: { endpoint: 'a:1', token: 'abcdef.0123456789abcdef' } } }), 'plan.join'],
])('a document that is not ours is refused in one sentence: %j', (text, said) => {
  expect(refusal(text)).toContain('w1.json ');
  expect(refusal(text)).toContain(said);
  expect(refusal(text)).toMatch(/^[^\n]{1,400}\.$/);
});

test('a refusal never repeats a token', () => {
  const join = { endpoint: 7, token: 'abcdef.0123456789abcdef' };
  expect(refusal(document({}, { plan: { join } }))).not.toContain('0123456789abcdef');
});

test('hostile documents end quickly', () => {
  const started = performance.now();
  expect(refusal(' '.repeat(50_000_000))).toContain('longer than any file');
  expect(refusal('['.repeat(1_000_000))).toContain('not JSON');
  expect(refusal(`${'['.repeat(500_000)}${']'.repeat(500_000)}`)).toContain('schema');
  expect(refusal(document({ nodes: Array<number>(2_000_000).fill(0) }))).toContain('damaged');
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('deep values and __proto__ keys do no harm', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const text = document().replace(
    '"facts":{}',
    `"facts":{"__proto__":{"machineId":{"value":{"machineId":"x"}}},"hostname":{"value":${deep}},"deep":${deep}}`,
  );
  const source = savedSource([parseEvidence(text, 'w1.json')], facts);
  expect(await readFirst(source, 'machineId')).toMatchObject({ unread: 'missing' });
  expect(await readFirst(source, 'hostname')).toMatchObject({ unread: 'error' });
  expect(JSON.stringify(source.evidence())).not.toContain('[[[');
  const polluted = parseEvidence(document().replace('"plan":{}', '"plan":{"__proto__":{"role":["worker"]}}'), 'a');
  expect(polluted.nodes[0]?.plan.role).toBeUndefined();
  expect(Object.prototype).not.toHaveProperty('role');
});

test('any text is a document or an EvidenceError', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((facts) => document().replace('"facts":{}', `"facts":${facts}`)),
  );
  fc.assert(
    fc.property(text, (each) => {
      expect(refusal(each)).toMatch(/^(?:w1\.json .*\.)?$/);
    }),
  );
});

test('a file stands for this machine when it is alone, and files of one name are two machines', () => {
  const one = parseEvidence(document(), 'w1.json');
  expect(savedSource([one], facts).machines).toMatchObject([{ key: 'w1.json', self: true }]);
  expect(savedSource([one, one], facts).machines).toMatchObject([
    { key: 'w1.json', self: false },
    { key: 'w1.json #2', self: false },
  ]);
});

test('every setting that is saved is held against a schema', () => {
  const { roleOrigin, ...settings } = savedPlanSchema().shape;
  expect(roleOrigin).toBeDefined();
  expect(Object.keys(settings)).toEqual([...SAVED_SETTINGS]);
});

test('the JSON Schema describes every fact', () => {
  const schema = JSON.stringify(evidenceJsonSchema(facts));
  for (const [name, { title }] of Object.entries(facts)) {
    expect(schema).toContain(JSON.stringify(name));
    expect(schema).toContain(JSON.stringify(title));
  }
  // Fields may be added within a version.
  expect(schema).not.toContain('"additionalProperties":false');
});
