import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import nagios from '../../../src/report/formats/nagios.ts';
import npd from '../../../src/report/formats/npd.ts';
import type { Report } from '../../../src/report/schema.ts';
import { clusterReport, seen } from '../cluster.ts';
import { FAILED, check, finding, report } from '../given.ts';
import { hostileReport } from '../hostile.ts';
import { PLAIN } from './plain.ts';

const nagiosOf = (given: Report) => nagios.render(given, PLAIN);
const npdOf = (given: Report) => npd.render(given, PLAIN);

const passed = check('a/good', [finding()]);
const skipped = check('a/skipped', [finding({ status: 'skip', reason: 'other-role' })]);
const odd = check('a/odd', [finding({ status: 'warn', reason: 'odd', subject: 'eth0' })]);
const undecided = check('a/hidden', [finding({ status: 'unknown', reason: 'fact-denied', subject: 'it' })]);
const failed = check('a/bad', [FAILED]);

describe('nagios', () => {
  test('the worst finding first, counts, then what is drawn', () => {
    expect(nagiosOf(report([passed, odd, undecided, failed, skipped]))).toBe(
      'CRITICAL: a/bad net.ipv4.ip_forward disabled; 1 fail, 1 unknown, 1 warn | ' +
        'fail=1;;0;0;5 unknown=1;;;0;5 warn=1;0;;0;5 pass=1;;;0;5 skip=1;;;0;5 time=0.084s;;;0\n',
    );
  });

  test.each([
    [[passed, odd, undecided], 'UNKNOWN: a/hidden it fact-denied; 1 unknown, 1 warn'],
    [[passed, odd], 'WARNING: a/odd eth0 odd; 1 warn'],
    [[passed, skipped], 'OK: 1 pass, 1 skip'],
  ])('the word for each end: %#', (checks, line) => {
    expect(nagiosOf(report(checks)).split(' | ')[0]).toBe(line);
  });

  test('names the two ends of packets, and how many pairs were tested', () => {
    const reachable = [seen('cp1', 'w1'), seen('cp1', 'w2', { status: 'fail', reason: 'request-lost' })];
    const text = nagiosOf(clusterReport({ names: ['cp1', 'w1', 'w2'], reachable, coverage: { pairsTested: 2 } }));
    expect(text).toContain('CRITICAL: ports/reachable cp1 -> w2 tcp/10250 request-lost; 1 fail |');
    expect(text).toContain(' pairs_tested=2;;;0;6 ');
  });

  test('80 characters, whatever is said', () => {
    fc.assert(
      fc.property(hostileReport(), (given) => {
        const text = nagiosOf(given);
        expect(text).toMatch(/^(?:OK|WARNING|CRITICAL|UNKNOWN): [^|\n]*\S \| \S[^|\n]*\n$/);
        const [said = '', performance = ''] = text.trimEnd().split(' | ');
        expect(said).toMatch(/^[\x20-\x7E]{1,80}$/);
        for (const each of performance.split(' ')) expect(each).toMatch(/^\w+=[\d.]+s?(?:;\d*){3,4}$/);
      }),
    );
  });
});

describe('node-problem-detector', () => {
  test('the worst finding', () => {
    expect(npdOf(report([passed, odd, undecided, failed]))).toBe('fail: a/bad net.ipv4.ip_forward disabled\n');
    expect(npdOf(report([passed, undecided]))).toBe('unknown: a/hidden it fact-denied\n');
    expect(npdOf(report([passed, skipped]))).toBe('1 pass, 1 skip\n');
  });

  test('80 bytes, whatever is said', () => {
    fc.assert(
      fc.property(hostileReport(), (given) => {
        expect(npdOf(given)).toMatch(/^[\x20-\x7E]{1,80}\n$/);
      }),
    );
  });

  test('a long one is cut', () => {
    const subject = 'x'.repeat(100);
    expect(npdOf(report([check('a/odd', [finding({ status: 'warn', reason: 'odd', subject })])]))).toBe(
      `warn: a/odd ${'x'.repeat(65)}...\n`,
    );
  });
});
