import { expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import { fromSaved, toSaved } from '../../src/evidence/saved-probes.ts';
import { savedSource } from '../../src/evidence/saved.ts';
import { parseEvidence } from '../../src/evidence/saved-file.ts';
import { facts } from '../../src/facts/index.ts';
import { reportOf, TOOL } from '../engine/given.ts';
import { passed, pods, way } from '../judging/pods.ts';
import { nothing, reach, silence } from '../judging/reach.ts';

const lost = reach(silence(), nothing(), { attempts: 2 });
const probed = [
  pods('w1'),
  // The dry run asks for one of them.
  pods('w1', {}, 1),
  way('w1/0', 'w1/1', { tcp: lost, passed: { from: passed({ addressErrors: 3 }), to: null } }),
  way('w1/1', 'w1/0'),
  way('w1', 'w1/0'),
  way('w1/0', 'w1'),
];
const file = (name: string) =>
  parseEvidence(
    JSON.stringify({
      schema: 'seaworthy.facts/v1',
      tool: TOOL,
      takenAt: '2026-01-02T03:04:05.678Z',
      nodes: [{ self: true, plan: { pods: 'throw-away' }, facts: { hostname: { value: { hostname: 'w1' } } } }],
      plan: { pods: 'throw-away' },
      probes: toSaved(probed, ['w1']),
    }),
    name,
  );

test('pods are saved and read back unchanged', () => {
  expect(fromSaved(file('w1.json').probes ?? [], ['w1'])).toEqual(probed);
});

test('a run with pods of one machine is judged again as it was', async () => {
  const report = await reportOf({
    checks: checks.filter(({ intrusive }) => intrusive !== undefined),
    source: savedSource([file('w1.json')], facts),
  });
  expect(report.coverage.pods).toBe('tested');
  expect(report.checks.map(({ id, status }) => [id, status])).toEqual([
    ['cni/dry-run', 'pass'],
    ['pods/cross-node', 'skip'],
    ['pods/same-node', 'fail'],
  ]);
  expect(
    report.checks.flatMap(({ findings }) => findings).find(({ reason }) => reason === 'request-lost')?.message,
  ).toContain('w1 counted 3 packets for others that it does not forward.');
});

test('beside other files they say nothing', async () => {
  const source = savedSource([file('a.json'), file('b.json')], facts);
  expect(await source.probe([], () => undefined)).toBeNull();
});
