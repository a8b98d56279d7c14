import { expect, test } from 'vitest';
import { checks } from '../../../checks/index.ts';
import { redactedRun } from '../../../src/cli/run/redaction.ts';
import { savedSource } from '../../../src/evidence/saved.ts';
import { parseEvidence } from '../../../src/evidence/saved-file.ts';
import { toSaved } from '../../../src/evidence/saved-probes.ts';
import { facts } from '../../../src/facts/index.ts';
import { formats } from '../../../src/report/formats/index.ts';
import type { Report } from '../../../src/report/schema.ts';
import { planWith, reportOf, TOOL } from '../../engine/given.ts';
import { passed, pods, way } from '../../judging/pods.ts';
import { nothing, reach, silence } from '../../judging/reach.ts';

const lost = reach(silence(), nothing(), { attempts: 2 });
const probed = [
  pods('z76'),
  pods('w77'),
  way('z76/0', 'w77/0', { tcp: lost, passed: { from: passed({ addressErrors: 3 }), to: null } }),
  way('w77/0', 'z76/0'),
];
const nodeOf = (key: string, address: string) => ({
  self: key === 'z76',
  key,
  peer: key !== 'z76',
  judged: true,
  reachedBy: [address],
  plan: { pods: 'throw-away', nodeName: key },
  facts: { hostname: { value: { hostname: key } } },
});
const text = JSON.stringify({
  schema: 'seaworthy.facts/v1',
  tool: TOOL,
  takenAt: '2026-01-02T03:04:05.678Z',
  nodes: [nodeOf('z76', '10.7.7.1'), nodeOf('w77', '10.7.7.2')],
  plan: { pods: 'throw-away' },
  probes: toSaved(probed, ['z76', 'w77']),
});

const outcomes = ({ verdict, coverage, checks: all }: Report) => [
  verdict,
  coverage,
  all.map(({ id, findings }) => [id, findings.map(({ status, reason, probe }) => [status, reason, probe?.sender])]),
];

test('a run with packets: nobody is named, and whoever gets the facts finds the same', async () => {
  const source = savedSource([parseEvidence(text, 'run.json')], facts);
  const report = await reportOf({ checks, source });
  const { settings } = planWith({ redact: true });
  const shown = await redactedRun({ settings, catalogue: { checks, facts }, source, report, files: ['run.json'] });
  const NAMES = /z76|w77|10\.7\.7\.|10\.244\.|run\.json/;
  expect(JSON.stringify({ report, evidence: source.evidence() })).toMatch(NAMES);
  expect(JSON.stringify(shown)).not.toMatch(NAMES);
  for (const [name, { render }] of Object.entries(formats)) {
    const rendering = { color: false, ascii: false, width: 100, quiet: false, verbose: true };
    expect(render(shown.report!, rendering), name).not.toMatch(NAMES);
    expect(render(report, rendering), name).toMatch(name === 'npd' ? /./ : NAMES);
  }
  expect(outcomes(shown.report!)).toEqual(outcomes(report));
  const again = await reportOf({
    checks,
    source: savedSource([parseEvidence(JSON.stringify(shown.evidence), 'again.json')], facts),
  });
  const before = await reportOf({
    checks,
    source: savedSource([parseEvidence(JSON.stringify(source.evidence()), 'again.json')], facts),
  });
  expect(outcomes(again)).toEqual(outcomes(before));
  expect(again.coverage.pairs).toBeGreaterThan(0);
});
