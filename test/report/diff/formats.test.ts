import * as fc from 'fast-check';
import { lexer, walkTokens, type Tokens } from 'marked';
import { expect, test } from 'vitest';
import { difference } from '../../../src/report/diff/difference.ts';
import { diffFormats } from '../../../src/report/diff/formats.ts';
import { readReport } from '../../../src/report/diff/read-report.ts';
import type { Rendering } from '../../../src/report/formats/define-format.ts';
import type { Report } from '../../../src/report/schema.ts';
import { FAILED, check, finding, report } from '../given.ts';
import { hostileReport } from '../hostile.ts';
import { PLAIN } from '../formats/plain.ts';

const saved = (given: Report) => readReport(JSON.stringify(given), 'a.json');
const render = (format: string, [old, now]: readonly [Report, Report], over: Partial<Rendering> = {}) =>
  diffFormats[format]?.render(difference(saved(old), saved(now)), { ...PLAIN, width: 100, ...over }) ?? '';

const of = (...findings: Parameters<typeof finding>[0][]) =>
  report([
    check(
      'a/one',
      findings.map((each) => finding(each)),
    ),
  ]);
const mended = { ...FAILED, subject: 'eth0' };
const odd = { status: 'warn', reason: 'odd', subject: 'eth1' } as const;
const pair = [of({}, mended, odd), of(FAILED, { subject: 'eth0' }, odd, { subject: 'eth2' })] as const;

test('as text: what is worse first, with its message, then the counts', () => {
  expect(render('text', pair)).toBe(
    [
      '2026-01-02T03:04:05.678Z not-ready → 2026-01-02T03:04:05.678Z not-ready',
      '',
      'worse   a/one  w1  net.ipv4.ip_forward  pass enabled → fail disabled',
      '        IPv4 packets are not forwarded.',
      'new     a/one  w1  eth2  pass enabled',
      'better  a/one  w1  eth0  fail disabled → pass enabled',
      '',
      'WORSE  1 worse, 1 new, 0 gone, 1 better, 1 same (1 of them not as it should be)',
      '',
    ].join('\n'),
  );
  expect(render('text', pair, { quiet: true }).split('\n')).toHaveLength(5);
  expect(render('text', pair, { verbose: true })).toContain('same    a/one  w1  eth1  warn odd\n');
  expect(render('text', [pair[0], pair[0]])).toMatch(
    /NOT WORSE {2}0 worse, .*3 same \(2 of them not as they should be\)\n$/,
  );
});

test('as JSON', () => {
  expect(JSON.parse(render('json', pair))).toMatchObject({
    schema: 'seaworthy.diff/v1',
    becameWorse: true,
    old: { verdict: 'not-ready' },
    summary: { worse: 1, new: 1, gone: 0, better: 1, same: 1 },
    findings: [
      {
        change: 'worse',
        check: 'a/one',
        nodes: ['w1'],
        subject: 'net.ipv4.ip_forward',
        old: { status: 'pass', reason: 'enabled' },
        new: { status: 'fail', reason: 'disabled', message: FAILED.message },
      },
      { change: 'new', old: null },
      { change: 'better' },
      { change: 'same' },
    ],
  });
});

test('as Markdown: a row for all that changed, whatever comes from outside', () => {
  expect(render('markdown', pair)).toMatch(/^## seaworthy: worse\n\n1 worse, .*\n\n\| change \|/);
  fc.assert(
    fc.property(hostileReport(), hostileReport(), (old, now) => {
      const tables: Tokens.Table[] = [];
      const others: string[] = [];
      void walkTokens(lexer(render('markdown', [old, now], { verbose: true })), (token) => {
        if (token.type === 'table') tables.push(token as Tokens.Table);
        if (['heading', 'code', 'list', 'blockquote', 'image'].includes(token.type)) others.push(token.type);
        if (token.type === 'html' && token.raw.trim() !== '<!-- -->') others.push(token.raw);
      });
      const { findings } = difference(saved(old), saved(now));
      expect(others).toEqual(['heading']);
      expect(tables.flatMap(({ rows }) => rows)).toHaveLength(findings.length);
      for (const { rows } of tables) for (const row of rows) expect(row).toHaveLength(6);
    }),
    { numRuns: 60 },
  );
});
