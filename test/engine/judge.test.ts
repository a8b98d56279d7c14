import { expect, test } from 'vitest';
import type { UnreadWhy } from '../../src/evidence/reading.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { BAD, checkWith, findingsOf, planWith, reportOf } from './given.ts';

const never = () => {
  throw new Error('the judge must not be called');
};

test.each<UnreadWhy>(['denied', 'missing', 'timeout', 'unsupported', 'error'])(
  'a needed fact that is unread (%s) is unknown, and the judge is not called',
  async (why) => {
    const machines = [
      { key: 'self', hostname: 'w1', readings: { machineId: { unread: why, detail: 'no such thing' } } },
    ];
    const findings = await findingsOf({ check: { needs: ['machineId'], judge: never }, machines });
    expect(findings).toEqual([
      {
        check: 'test/check',
        nodes: ['w1'],
        subject: 'machineId',
        status: 'unknown',
        reason: `fact-${why}`,
        message: 'no such thing',
      },
    ]);
  },
);

test('a machine that does not show whether it has joined is judged only where that makes no difference', async () => {
  const readings = { nodeTraces: { unread: 'denied', detail: 'permission denied' } } as const;
  const machines = [{ key: 'self', hostname: 'w1', readings }];
  const byStage = checkWith({
    id: 'test/by-stage',
    judge: (_, { node }) => [
      node.stage === 'fresh' ? BAD : { subject: 'it', reason: 'fine', message: 'A node may be so.' },
    ],
  });
  const checks = [
    checkWith({ id: 'test/either', judge: () => [BAD] }),
    checkWith({ id: 'test/fresh', stages: ['fresh'], judge: () => [BAD] }),
    checkWith({ id: 'test/joined', stages: ['joined'], judge: () => [BAD] }),
    byStage,
  ];
  const outcomes = async (plan = planWith()) =>
    (await reportOf({ checks, machines, plan })).checks.map(({ findings }) => findings[0]!.reason);
  expect(await outcomes()).toEqual(['bad', 'fact-denied', 'fact-denied', 'fact-denied']);
  expect(await outcomes(planWith({ stage: 'joined' }))).toEqual(['bad', 'other-stage', 'bad', 'fine']);
  const [, unseen] = (await reportOf({ checks, machines })).checks.flatMap(({ findings }) => findings);
  expect(unseen).toMatchObject({ subject: 'nodeTraces', status: 'unknown' });
  expect(unseen!.message).toMatch(/--stage.*permission denied$/);
});

test('a wanted fact that is unread is handed over', async () => {
  const seen: unknown[] = [];
  await findingsOf({
    check: {
      wants: ['machineId'],
      judge: (facts) => {
        seen.push(facts);
        return [{ subject: 'it', reason: 'fine', message: '' }];
      },
    },
  });
  expect(seen).toEqual([{ machineId: { unread: 'missing', detail: 'machineId is not given' } }]);
});

test('a check that throws is unknown, and the others are judged', async () => {
  const broken = checkWith({
    id: 'test/broken',
    judge: () => {
      throw new TypeError('x is not a function');
    },
  });
  const report = await reportOf({ checks: [broken, checkWith({})] });
  expect(report.checks.map(({ status }) => status)).toEqual(['unknown', 'pass']);
  expect(report.checks[0]?.findings[0]).toMatchObject({
    reason: 'check-error',
    message: 'The check itself failed: x is not a function',
  });
});

test.each([
  ['a reason that it does not declare', [{ subject: 'it', reason: 'novel', message: '' }], 'reason novel'],
  ['a fail without a remedy', [{ subject: 'it', reason: 'bad', message: '' }], 'without a remedy'],
  ['nothing at all', [], 'judged nothing'],
])('a judge that gives %s is unknown', async (_, drafts, said) => {
  const [finding] = await findingsOf({ check: { judge: () => drafts } });
  expect(finding).toMatchObject({ reason: 'check-error', status: 'unknown' });
  expect(finding?.message).toContain(said);
});

const FINE = { subject: 'it', reason: 'fine', message: 'It is fine.' };
const CIRCLE: Record<string, unknown> = {};
CIRCLE['itself'] = CIRCLE;

/** What a plugin's judge may give, whatever the types say. */
test.each<[string, unknown, string]>([
  ['no list', { ...FINE }, 'it returned no list of findings'],
  ['nothing', undefined, 'it returned no list of findings'],
  ['a promise', Promise.resolve([FINE]), 'it returned a promise, and no list of findings'],
  ['null as a finding', [null], 'its finding is no object'],
  ['no message', [{ subject: 'it', reason: 'fine' }], 'its finding has no message'],
  ['a subject that is no text', [{ ...FINE, subject: 7 }], 'its finding has no subject'],
  ['a reason of every object', [{ ...FINE, reason: 'toString' }], 'the reason toString'],
  ['a why that is no text', [{ ...FINE, why: ['x'] }], 'the why of its finding'],
  ['evidence that is a list', [{ ...FINE, evidence: [] }], 'the evidence of its finding'],
  ['evidence that cannot be written', [{ ...FINE, evidence: CIRCLE }], 'the evidence of its finding'],
  ['a remedy that is a text', [{ ...BAD, remedy: 'Mend it.' }], 'the remedy of its finding'],
  ['a remedy without a text', [{ ...BAD, remedy: { commands: [] } }], 'the remedy of its finding'],
  ['commands that are a text', [{ ...BAD, remedy: { text: '', commands: 'reboot' } }], 'the remedy of its finding'],
  ['a role that does not exist', [{ ...BAD, onlyFor: 'king' }], 'the onlyFor of its finding'],
])('a judge that gives %s is unknown, and the report keeps its schema', async (_, given, said) => {
  const report = await reportOf({ checks: [checkWith({ judge: () => given as never })] });
  const [finding] = report.checks[0]!.findings;
  expect(finding).toMatchObject({ reason: 'check-error', status: 'unknown' });
  expect(finding?.message).toContain(said);
  expect(reportSchema.parse(report)).toEqual(report);
});

test('a judge that gives a promise is unknown, and that it fails later does not end the run', async () => {
  const judge = () => Promise.reject(new Error('later')) as never;
  expect(await findingsOf({ check: { judge } })).toMatchObject([{ reason: 'check-error' }]);
});

test.each<[string, unknown, string]>([
  ['no list', 'fine', 'it returned no list of findings'],
  ['a finding without nodes', [FINE], 'its finding has no list of nodes'],
  ['null as a finding', [null], 'its finding is no object'],
])('a comparison that gives %s is unknown', async (_, given, said) => {
  const machines = ['w1', 'w2'].map((hostname) => ({ key: hostname, hostname }));
  const findings = await findingsOf({ check: { compare: () => given as never }, machines });
  expect(findings.at(-1)).toMatchObject({ reason: 'check-error', nodes: ['w1', 'w2'] });
  expect(findings.at(-1)?.message).toContain(said);
});

test('a judge cannot write what only the engine may', async () => {
  const draft = { ...BAD, status: 'pass', nodes: ['other'], check: 'x/y', because: 'waiver', extra: 1, why: undefined };
  const [finding] = await findingsOf({ check: { judge: () => [draft] as never } });
  expect(finding).toEqual({ check: 'test/check', nodes: ['w1'], status: 'fail', ...BAD });
});

test('nothing said about one of two nodes is unknown for that one', async () => {
  const findings = await findingsOf({
    check: {
      judge: (_, { node }) => (node.name === 'w1' ? [] : [{ subject: 'it', reason: 'fine', message: '' }]),
    },
    machines: [
      { key: 'a', hostname: 'w1' },
      { key: 'b', hostname: 'w2' },
    ],
  });
  expect(findings.map(({ nodes, reason }) => [nodes, reason])).toEqual([
    [['w1'], 'check-error'],
    [['w2'], 'fine'],
  ]);
});

test('what does not apply is skipped with why', async () => {
  const skipped = async (check: Parameters<typeof findingsOf>[0]['check'], plan = planWith({ role: ['worker'] })) =>
    (await findingsOf({ check: { ...check, judge: never }, plan }))[0];
  expect(await skipped({ stages: ['joined'] })).toMatchObject({ status: 'skip', reason: 'other-stage' });
  expect(await skipped({ roles: ['control-plane'] })).toMatchObject({ status: 'skip', reason: 'other-role' });
  expect(await skipped({ requires: ['join'] })).toMatchObject({
    status: 'skip',
    reason: 'not-named',
    subject: '--join',
  });
  expect(await skipped({ requires: ['podCidr'] })).toMatchObject({ reason: 'not-named', subject: '--pod-cidr' });
});

test('a role that nobody said has every check judged, and a fail of one role becomes a warn', async () => {
  const check = { roles: ['etcd' as const], judge: () => [{ ...BAD, onlyFor: 'etcd' as const }] };
  expect(await findingsOf({ check })).toMatchObject([
    { status: 'warn', was: 'fail', because: 'role-any', message: 'It is bad. (needed by the role etcd)' },
  ]);
  const [known] = await findingsOf({ check, plan: planWith({ role: ['etcd'] }) });
  expect(known?.status).toBe('fail');
  expect(known).not.toHaveProperty('because');
});

test('a check that only compares has nothing to do for one node', async () => {
  const report = await reportOf({
    checks: [{ ...checkWith({ compare: never }), judge: undefined } as never],
  });
  expect(report.checks[0]?.findings).toMatchObject([{ status: 'skip', reason: 'no-peers' }]);
});
