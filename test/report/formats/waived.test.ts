import { expect, test } from 'vitest';
import type { Rendering } from '../../../src/report/formats/define-format.ts';
import { formats } from '../../../src/report/formats/index.ts';
import { check, FAILED, finding, report } from '../given.ts';

const PLAIN: Rendering = { color: false, ascii: false, width: 100, quiet: false, verbose: false };
const WHY = 'Pods of this node use the host network until the router is replaced.';
const waived = (until: string | null) =>
  finding({ ...FAILED, status: 'warn', was: 'fail', because: 'waiver', waiver: { why: WHY, until } });

const rendered = (name: string, until: string | null = '2026-12-31') =>
  formats[name]!.render(report([check('kernel/ip-forward', [waived(until)])]), { ...PLAIN, width: 300 });

test.each(['text', 'json', 'junit', 'tap', 'sarif', 'markdown'] as const)('%s tells why and until when', (name) => {
  const text = rendered(name);
  expect(text).toContain(WHY.slice(0, -1));
  expect(text.replaceAll('\\', '')).toContain('2026-12-31');
  expect(rendered(name, null)).not.toContain('2026-12-31');
});

test('for people it is a warning that fails', () => {
  expect(rendered('text')).toContain(`it fails, and a waiver allows it until 2026-12-31: ${WHY}`);
});

test('for machines it is no failure: JUnit has none, TAP is ok, code scanning holds it back', () => {
  expect(rendered('junit')).toContain('failures="0"');
  expect(rendered('tap')).toMatch(/^ok 1 /m);
  expect(JSON.parse(rendered('sarif'))).toMatchObject({
    runs: [{ results: [{ level: 'warning', suppressions: [{ kind: 'external' }] }] }],
  });
});

test('Nagios and node-problem-detector say that it is waived', () => {
  const line = 'kernel/ip-forward net.ipv4.ip_forward disabled (waived)';
  expect(rendered('nagios')).toContain(`WARNING: ${line}`);
  expect(rendered('npd')).toContain(`warn: ${line}`);
});

test('for Prometheus the check warns', () => {
  expect(rendered('prometheus')).toContain('status="warn"} 1');
  expect(rendered('prometheus')).toContain('status="fail"} 0');
});

test('findings that different waivers allow are told each for itself', () => {
  const other = { ...waived(null), nodes: ['w2'] };
  const text = formats['text']!.render(report([check('kernel/ip-forward', [waived('2026-12-31'), other])]), PLAIN);
  expect(text.match(/a waiver allows/g)).toHaveLength(2);
});
