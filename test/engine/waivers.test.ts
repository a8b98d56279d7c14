import { describe, expect, test } from 'vitest';
import { unusedWaivers } from '../../src/engine/waivers.ts';
import type { Waiver } from '../../src/plan/settings.ts';
import { BAD, checkWith, findingsOf, planWith, reportOf } from './given.ts';

const PAST = '2001-01-01';
const FUTURE = '9999-12-31';

const waiver = (over: Partial<Waiver> = {}): Waiver => ({
  check: 'test/check',
  reason: null,
  subject: 'it',
  nodes: [],
  why: 'The vendor mends it in May.',
  until: null,
  place: 'c.yaml:1:3',
  ...over,
});

const judged = (waivers: readonly Waiver[], draft: object = {}) =>
  findingsOf({
    check: { judge: () => [{ ...BAD, ...draft }] },
    plan: planWith({ waivers: [...waivers] }),
  });

test('a waived fail is a warning that says why and until when, and keeps its reason', async () => {
  expect(await judged([waiver({ until: FUTURE })])).toMatchObject([
    {
      status: 'warn',
      was: 'fail',
      because: 'waiver',
      waiver: { why: 'The vendor mends it in May.', until: FUTURE },
      reason: 'bad',
      remedy: BAD.remedy,
    },
  ]);
  expect((await judged([waiver()]))[0]?.waiver).toEqual({ why: 'The vendor mends it in May.', until: null });
});

test.each<[string, Partial<Waiver>, string]>([
  ['another check', { check: 'test/other' }, 'fail'],
  ['another reason', { reason: 'odd' }, 'fail'],
  ['any check, by its reason', { check: null, reason: 'bad' }, 'warn'],
  ['another subject', { subject: 'i' }, 'fail'],
  ['a pattern', { subject: 't*/?443' }, 'warn'],
  ['any subject', { subject: '*' }, 'warn'],
  ['what means something in regular expressions', { subject: '.*' }, 'fail'],
  ['another node', { nodes: ['w2'] }, 'fail'],
  ['nodes, this one among them', { nodes: ['w2', 'w?'] }, 'warn'],
])('%s', async (_, over, status) => {
  const draft = over.subject?.startsWith('t') === true ? { subject: 'tcp/6443' } : {};
  expect((await judged([waiver(over)], draft)).map((finding) => finding.status)).toEqual([status]);
});

test('what is between nodes is waived only where each of them is named', async () => {
  const machines = [
    { key: 'a', hostname: 'w1' },
    { key: 'b', hostname: 'w2' },
  ];
  const compare = () => [{ ...BAD, nodes: ['w1', 'w2'] }];
  const statuses = async (nodes: string[]) => {
    const plan = planWith({ waivers: [waiver({ nodes })] });
    const findings = await findingsOf({ check: { compare }, machines, plan });
    return findings.filter(({ reason }) => reason === 'bad').map(({ status }) => status);
  };
  expect(await statuses(['w1'])).toEqual(['fail']);
  expect(await statuses(['w1', 'w2'])).toEqual(['warn']);
  expect(await statuses([])).toEqual(['warn']);
});

test('only a fail is waived', async () => {
  const [finding] = await judged([waiver()], { reason: 'odd' });
  expect(finding).not.toHaveProperty('was');
  expect(finding).not.toHaveProperty('waiver');
});

test('it comes before the ignore list, which says no why', async () => {
  const [finding] = await findingsOf({
    check: { kubeadm: ['Swap'], judge: () => [BAD] },
    plan: planWith({ waivers: [waiver()], ignorePreflightErrors: ['Swap'] }),
  });
  expect(finding?.because).toBe('waiver');
});

describe('an expired waiver', () => {
  test('no longer holds, and is itself a warning with what to do', async () => {
    const findings = await judged([waiver({ until: PAST, reason: 'bad' })]);
    expect(findings).toMatchObject([
      { status: 'fail', reason: 'bad' },
      {
        check: 'test/check',
        nodes: ['w1'],
        subject: 'waiver of bad it',
        status: 'warn',
        reason: 'waiver-expired',
        message: `A waiver held until ${PAST}, and no longer allows a fail: The vendor mends it in May.`,
        evidence: { place: 'c.yaml:1:3', why: 'The vendor mends it in May.', until: PAST },
        remedy: { text: expect.stringContaining('c.yaml:1:3') },
      },
    ]);
    expect(findings[0]).not.toHaveProperty('waiver');
  });

  test('is one whether or not the fail is still there', async () => {
    const findings = await judged([waiver({ until: PAST })], { reason: 'fine' });
    expect(findings.map(({ reason, status }) => [reason, status])).toEqual([
      ['fine', 'pass'],
      ['waiver-expired', 'warn'],
    ]);
  });

  test('without a check is told once, by the first that can fail so', async () => {
    const checks = ['a/one', 'b/two', 'c/three'].map((id, index) =>
      checkWith({ id, ...(index === 0 ? { reasons: { fine: 'pass' } as const } : {}) }),
    );
    const report = await reportOf({
      checks,
      plan: planWith({ waivers: [waiver({ check: null, reason: 'bad', until: PAST })] }),
    });
    expect(report.checks.map(({ status }) => status)).toEqual(['pass', 'warn', 'pass']);
  });

  test('of other nodes, or of a check that does not run, is none here', async () => {
    expect(await judged([waiver({ until: PAST, nodes: ['w9'] })])).toHaveLength(1);
    const skipped = await findingsOf({
      check: {},
      plan: planWith({ skip: ['test/check'], waivers: [waiver({ until: PAST })] }),
    });
    expect(skipped.map(({ reason }) => reason)).toEqual(['not-asked']);
  });

  test('does not stand in the way of another one that holds', async () => {
    const findings = await judged([waiver({ until: PAST }), waiver({ until: FUTURE })]);
    expect(findings.map(({ status, reason }) => [status, reason])).toEqual([
      ['warn', 'bad'],
      ['warn', 'waiver-expired'],
    ]);
  });

  test('holds to the end of its day', async () => {
    const day = new Date().toISOString().slice(0, 10);
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    expect(await judged([waiver({ until: day })])).toHaveLength(1);
    expect(await judged([waiver({ until: yesterday })])).toHaveLength(2);
  });
});

test('waivers that allowed nothing are known, but for those of checks that did not run', async () => {
  const used = waiver();
  const expired = waiver({ until: PAST });
  const unused = waiver({ subject: 'else' });
  const waivers = [used, expired, unused, waiver({ check: 'test/not-run' })];
  const report = await reportOf({
    checks: [checkWith({ judge: () => [BAD] })],
    plan: planWith({ waivers }),
  });
  expect(unusedWaivers(report, waivers)).toEqual([unused]);
});
