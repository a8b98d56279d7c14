import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import prometheus from '../../../src/report/formats/prometheus.ts';
import type { Report } from '../../../src/report/schema.ts';
import { printable } from '../../../src/values/printable.ts';
import type { Status } from '../../../src/values/status.ts';
import { clusterReport, seen, sixNodes } from '../cluster.ts';
import { FAILED, check, finding, report } from '../given.ts';
import { hostileReport } from '../hostile.ts';
import { PLAIN } from './plain.ts';

const render = (given: Report, verbose = false) => prometheus.render(given, { ...PLAIN, verbose });
const LABEL = /([a-z_]+)="((?:[^"\\]|\\["\\n])*)"/;
const SAMPLE = new RegExp(`^(seaworthy_[a-z_]+)(?:\\{(${LABEL.source}(?:,${LABEL.source})*)\\})? ([0-9.]+)$`, 'u');

/** What Prometheus reads: each series once, with its labels. promtool reads the same in the lab. */
function series(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
    const match = SAMPLE.exec(line);
    expect(match, line).not.toBeNull();
    const [name, labels = '', value] = [match?.[1], match?.[2], match?.at(-1)];
    const read = [...labels.matchAll(new RegExp(LABEL, 'gu'))].map(([, label, said = '']) => [
      label,
      said.replaceAll(/\\(.)/g, '$1'),
    ]);
    const key = `${name} ${JSON.stringify(Object.fromEntries(read))}`;
    expect(found.has(key), `${key} is there twice`).toBe(false);
    found.set(key, Number(value));
  }
  return found;
}

const valueOf = (text: string, name: string, labels: Readonly<Record<string, string>> = {}) =>
  series(text).get(`seaworthy_${name} ${JSON.stringify(labels)}`);

test('the run: when, how long, by which version, with what verdict', () => {
  const text = render(report([check('a/one', [finding()])]));
  expect(valueOf(text, 'build_info', { version: '0.0.0-test', schema: 'seaworthy.report/v1' })).toBe(1);
  expect(valueOf(text, 'run_timestamp_seconds')).toBe(Date.parse('2026-01-02T03:04:05.762Z') / 1_000);
  expect(valueOf(text, 'run_duration_seconds')).toBe(0.084);
  expect(valueOf(text, 'verdict', { verdict: 'ready' })).toBe(1);
  expect(valueOf(text, 'verdict', { verdict: 'not-ready' })).toBe(0);
  expect(valueOf(text, 'node_info', { node: 'w1', role: 'worker', stage: 'fresh', kubernetes_version: '1.36' })).toBe(
    1,
  );
  expect(text.endsWith('\n')).toBe(true);
});

test('one series for each check and status, and how much was judged', () => {
  const text = render(report([check('a/one', [FAILED, finding(), finding({ subject: 'b' })])]));
  const labels = { check: 'a/one', category: 'a' };
  expect(valueOf(text, 'check_status', { ...labels, status: 'fail' })).toBe(1);
  for (const status of ['unknown', 'warn', 'pass', 'skip'])
    expect(valueOf(text, 'check_status', { ...labels, status })).toBe(0);
  expect(valueOf(text, 'check_findings', { ...labels, status: 'pass' })).toBe(2);
  expect(text).not.toContain('pair');
});

test('a pair has the worst of what was found on its way; ports are told when they are asked for', () => {
  const names = ['cp1', 'w1', 'w2'];
  const reachable = [
    seen('cp1', 'w1'),
    seen('cp1', 'w1', { port: '10256', status: 'fail', reason: 'request-lost' }),
    seen('w1', 'cp1', { port: '6443' }),
    seen('w2', 'cp1', { status: 'skip', reason: 'kernel-owned' }),
  ];
  const given = clusterReport({ names, reachable, coverage: { pairsTested: 2 } });
  const text = render(given);
  expect(valueOf(text, 'pairs')).toBe(6);
  expect(valueOf(text, 'pairs_tested')).toBe(2);
  expect(valueOf(text, 'pair_status', { source: 'cp1', destination: 'w1', status: 'fail' })).toBe(1);
  expect(valueOf(text, 'pair_status', { source: 'cp1', destination: 'w1', status: 'pass' })).toBe(0);
  expect(valueOf(text, 'pair_status', { source: 'w1', destination: 'cp1', status: 'pass' })).toBe(1);
  expect(text).not.toContain('source="w2"');
  expect(text).not.toContain('port=');
  const probe = { check: 'ports/reachable', source: 'cp1', destination: 'w1', address: '10.0.0.1', protocol: 'tcp' };
  expect(valueOf(render(given, true), 'probe_status', { ...probe, port: '10250', status: 'pass' })).toBe(1);
  expect(valueOf(render(given, true), 'probe_status', { ...probe, port: '10256', status: 'fail' })).toBe(1);
});

test('of pods two runs give the same series, whatever ports and addresses they have', () => {
  const run = (port: string, addresses: readonly string[], statuses: readonly Status[] = ['pass', 'pass']) => {
    const pods = addresses.flatMap((address, index) => {
      const { probe, ...found } = seen('cp1', 'w1', { port, status: statuses[index] ?? 'pass' });
      if (probe === undefined) return [];
      return [{ ...found, check: 'pods/cross-node', probe: { ...probe, to: { ...probe.to, address, pod: address } } }];
    });
    return render(clusterReport({ names: ['cp1', 'w1'], reachable: [seen('cp1', 'w1')], pods }), true);
  };
  const first = series(run('23111', ['10.244.1.7', 'fd44:1::7']));
  expect([...series(run('23999', ['10.244.1.9', 'fd44:1::9'])).keys()]).toEqual([...first.keys()]);
  const failed = run('23000', ['10.244.1.11', 'fd44:1::11'], ['pass', 'fail']);
  const way = { source: 'cp1', destination: 'w1', address: 'pod', protocol: 'tcp', port: 'pod' };
  expect(valueOf(failed, 'probe_status', { check: 'pods/cross-node', ...way, status: 'fail' })).toBe(1);
  const node = { check: 'ports/reachable', ...way, address: '10.0.0.1', port: '10250' };
  expect(valueOf(failed, 'probe_status', { ...node, status: 'pass' })).toBe(1);
});

test('each name is described once, above its samples', () => {
  const lines = render(sixNodes(), true).split('\n');
  const names = lines.flatMap((line) => /^# TYPE (\S+) gauge$/.exec(line)?.[1] ?? []);
  expect(new Set(names).size).toBe(names.length);
  const order = lines.flatMap((line) => /^(seaworthy_\w+)/.exec(line)?.[1] ?? []);
  expect([...new Set(order)]).toEqual(names);
});

test('whatever comes from outside is the value of a label', () => {
  fc.assert(
    fc.property(hostileReport(), (given) => {
      const named = [...series(render(given, true)).keys()].flatMap((key) => {
        const [, name, labels = '{}'] = /^(\S+) (.*)$/su.exec(key) ?? [];
        return name === 'seaworthy_node_info' ? [String(JSON.parse(labels).node)] : [];
      });
      expect(new Set(named)).toEqual(new Set(given.nodes.map(({ name }) => printable(name))));
    }),
  );
});
