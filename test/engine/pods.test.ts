import { describe, expect, test } from 'vitest';
import type { Check } from '../../src/engine/check.ts';
import type { Probed, ProbeRequest } from '../../src/evidence/probes.ts';
import type { Machine, Source } from '../../src/evidence/source.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { none, pods, way, wayRequest } from '../judging/pods.ts';
import { nothing, reach, silence } from '../judging/reach.ts';
import { checkWith, planWith, reportOf, TOOL } from './given.ts';

const INTRUSIVE = { does: 'It runs programs', pods: ['throw-away', 'existing'], byId: false } as const;
const BY_ID = { ...INTRUSIVE, pods: ['throw-away'], byId: true } as const;

describe('an intrusive check', () => {
  const judged = async (intrusive: Check['intrusive'], said: Parameters<typeof planWith>[0]) => {
    const check = checkWith({ id: 'a/x', ...(intrusive === undefined ? {} : { intrusive }) });
    const report = await reportOf({ checks: [check], plan: planWith(said) });
    return report.checks[0]?.findings[0];
  };

  test.each([
    [INTRUSIVE, { pods: 'throw-away' }],
    [INTRUSIVE, { pods: 'existing' }],
    [BY_ID, { pods: 'throw-away' }],
    [BY_ID, { only: ['a/x'] }],
    [BY_ID, { only: ['a/x'], pods: 'existing' }],
  ] as const)('%j is judged with %j', async (intrusive, said) => {
    expect(await judged(intrusive, said)).toMatchObject({ reason: 'fine' });
  });

  test.each([
    [
      INTRUSIVE,
      {},
      '--pods',
      'It runs programs, and so runs only where somebody asks for it: --pods throw-away or --pods existing.',
    ],
    [INTRUSIVE, { only: ['a/x'] }, '--pods', undefined],
    [
      BY_ID,
      {},
      '--pods throw-away',
      'It runs programs, and so runs only where somebody asks for it: --pods throw-away or --only a/x.',
    ],
    [BY_ID, { pods: 'existing' }, '--pods throw-away', undefined],
    [BY_ID, { only: ['a'] }, '--pods throw-away', undefined],
    [BY_ID, { only: ['a/x'], skip: ['a'] }, '--skip a', 'It was not asked for: --skip a.'],
  ] as const)('%j is not with %j', async (intrusive, said, subject, message) => {
    expect(await judged(intrusive, said)).toMatchObject({
      status: 'skip',
      reason: 'not-asked',
      subject,
      ...(message === undefined ? {} : { message }),
    });
  });

  test('is judged where saved facts say that it was asked for', async () => {
    const check = checkWith({ id: 'a/x', intrusive: INTRUSIVE });
    const report = await reportOf({
      checks: [check],
      machines: [{ key: 'w1.json', hostname: 'w1', said: { pods: 'existing' } }],
    });
    expect(report.checks[0]?.status).toBe('pass');
    expect(report.plan['pods']).toEqual({ value: 'existing', origin: 'saved facts' });
  });
});

interface Asked {
  readonly machine: string;
  readonly judged?: boolean;
  readonly unreachable?: string;
}

/** A source whose packets are these; null has none. */
function sourceWith(machines: readonly Asked[], probed: readonly Probed[] | null): Source & { asked: ProbeRequest[] } {
  const asked: ProbeRequest[] = [];
  return {
    asked,
    machines: machines.map(({ machine, judged = true, unreachable }): Machine => ({
      key: machine,
      self: machines.length === 1,
      peer: machines.length > 1,
      judged,
      said: {},
      ...(unreachable === undefined ? {} : { unreachable }),
    })),
    read: (async (machine: Machine, name: string) =>
      name === 'hostname'
        ? { value: { hostname: machine.key } }
        : { unread: 'missing', detail: `${name} is not given` }) as Source['read'],
    probe: async (requests) => {
      asked.push(...requests);
      return probed;
    },
    evidence: () => ({ schema: 'seaworthy.facts/v1', tool: TOOL, takenAt: '', nodes: [] }),
  };
}

/** Asks for pods of each node, and says what it was handed. */
const within = (over: Partial<Check> = {}): Check => ({
  id: 'pods/own',
  title: 'pods',
  docs: 'https://example.org/',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: { fine: 'pass' },
  needs: [],
  wants: [],
  intrusive: INTRUSIVE,
  within: true,
  probes: (nodes) =>
    nodes.flatMap(({ node: { name } }): ProbeRequest[] => [
      { kind: 'pods', machine: name, how: 'throw-away', count: 2 },
      wayRequest(`${name}/0`, `${name}/1`),
    ]),
  compare: (nodes, { probed }) =>
    nodes
      .filter(({ node }) => probed.some(({ kind, request }) => kind === 'pods' && request.machine === node.name))
      .map(({ node: { name } }) => ({ nodes: [name], subject: name, reason: 'fine', message: 'Fine.' })),
  ...over,
});
const plan = planWith({ pods: 'throw-away' });

describe('packets within a machine', () => {
  test('need one node, and are no pair', async () => {
    const source = sourceWith([{ machine: 'w1' }], [pods('w1'), way('w1/0', 'w1/1')]);
    const report = await reportOf({ checks: [within()], source, plan });
    expect(source.asked).toHaveLength(2);
    expect(report.checks[0]?.findings).toMatchObject([{ reason: 'fine', nodes: ['w1'] }]);
    expect(report.coverage).toEqual({ nodes: 1, pairs: 0, pairsTested: 0, pods: 'tested' });
    expect(reportSchema.parse(report)).toEqual(report);
  });

  test('are asked of nodes that are judged, and the others have no finding', async () => {
    const machines = [
      { machine: 'w1' },
      { machine: 'w2', judged: false },
      { machine: 'w3', judged: false, unreachable: 'silence' },
    ];
    const source = sourceWith(machines, [pods('w1'), way('w1/0', 'w1/1')]);
    const report = await reportOf({ checks: [within()], source, plan });
    expect(source.asked.map(({ kind }) => kind)).toEqual(['pods', 'pod-way']);
    expect(report.checks[0]?.findings.flatMap(({ nodes }) => nodes)).toEqual(['w1']);
  });

  test('a judged node that could not be had is unknown', async () => {
    const source = sourceWith([{ machine: 'w1' }, { machine: 'w2', unreachable: 'silence' }], [pods('w1')]);
    const report = await reportOf({ checks: [within()], source, plan });
    expect(report.checks[0]?.findings).toMatchObject([
      { nodes: ['w1'], reason: 'fine' },
      { nodes: ['w2'], reason: 'fact-error', subject: 'control channel' },
    ]);
  });

  test('where nobody can be asked they are not tested', async () => {
    const report = await reportOf({ checks: [within()], source: sourceWith([{ machine: 'w1' }], null), plan });
    expect(report.checks[0]?.findings).toMatchObject([{ status: 'skip', reason: 'not-asked', subject: 'pods' }]);
    expect(report.coverage.pods).toBe('not-tested');
  });

  test('and where nobody asked, not asked for', async () => {
    const source = sourceWith([{ machine: 'w1' }], []);
    const report = await reportOf({ checks: [within()], source });
    expect(report.coverage.pods).toBe('not-asked');
    expect(source.asked).toEqual([]);
  });
});

describe('pods that could not be had', () => {
  test.each(['denied', 'missing', 'timeout', 'unsupported', 'error'] as const)('%s: as of a fact', async (why) => {
    const detail = 'only root may.';
    const report = await reportOf({
      checks: [within()],
      source: sourceWith([{ machine: 'w1' }], [pods('w1', none(why, detail))]),
      plan,
    });
    expect(report.checks[0]?.findings).toMatchObject([
      { nodes: ['w1'], status: 'unknown', reason: `fact-${why}`, subject: 'pods', message: detail },
    ]);
    expect(report.coverage.pods).toBe('not-tested');
  });

  test('the budget that was spent', async () => {
    const controller = new AbortController();
    controller.abort('budget-spent');
    const report = await reportOf({
      checks: [within()],
      source: sourceWith([{ machine: 'w1' }], [pods('w1', none('timeout'))]),
      plan,
      signal: controller.signal,
    });
    expect(report.checks[0]?.findings).toMatchObject([{ reason: 'budget-spent' }]);
  });

  test('what else keeps them away is for the check to judge', async () => {
    const source = sourceWith([{ machine: 'w1' }], [pods('w1', none('needs-real-pod'))]);
    const report = await reportOf({ checks: [within()], source, plan });
    expect(report.checks[0]?.findings).toMatchObject([{ reason: 'fine' }]);
  });
});

test('pods are tested when one way of theirs was seen through to an end, however it ended', async () => {
  const lost = reach(silence(), nothing(), { attempts: 2 });
  const late = reach(silence(), nothing(), { undecided: 'too loaded' });
  const covered = async (tcp: typeof lost, udp: typeof lost) => {
    const source = sourceWith([{ machine: 'w1' }], [pods('w1'), way('w1/0', 'w1/1', { tcp, udp })]);
    return (await reportOf({ checks: [within()], source, plan })).coverage.pods;
  };
  expect(await covered(lost, late)).toBe('tested');
  expect(await covered(late, late)).toBe('not-tested');
});
