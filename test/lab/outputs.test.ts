import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import prometheus from '../../src/report/formats/prometheus.ts';
import { ROOT, runCommand } from '../cli/seaworthy.ts';
import { sixNodes } from '../report/cluster.ts';
import junit from '../../src/report/formats/junit.ts';
import { PLAIN } from '../report/formats/plain.ts';
import { hostileReport } from '../report/hostile.ts';
import { needLab } from './lab.ts';

describe('Prometheus reads the metrics, and finds nothing odd in them', () => {
  const check = (metrics: string) => runCommand(['promtool', 'check', 'metrics'], { stdin: metrics });
  const fine = { code: 0, stdout: '', stderr: '' };

  test('of the machines that are expected', async ({ skip }) => {
    needLab(skip);
    const files = globSync('test/hosts/expected/outputs/*/report.prom', { cwd: ROOT });
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect(await check(readFileSync(join(ROOT, file), 'utf8')), file).toMatchObject(fine);
  });

  test('with every port between nodes', async ({ skip }) => {
    needLab(skip);
    expect(await check(prometheus.render(sixNodes(), { ...PLAIN, verbose: true }))).toMatchObject(fine);
    expect((await check('seaworthy_ready 1\nseaworthy_ready 1\n')).code).not.toBe(0);
  });

  test('whatever came from outside', async ({ skip }) => {
    needLab(skip);
    for (const report of fc.sample(hostileReport(), 30)) {
      expect(await check(prometheus.render(report, { ...PLAIN, verbose: true }))).toMatchObject(fine);
    }
  });
});

describe('a reader of JUnit counts the same test cases as the report says', () => {
  const count = `
import sys
from junitparser import JUnitXml
for suite in JUnitXml.fromstring(sys.stdin.buffer.read()):
    suite.update_statistics()
    print(suite.name, suite.tests, suite.failures, suite.errors, suite.skipped)
`;
  const counted = (text: string) => runCommand(['/usr/bin/python3', '-c', count], { stdin: text });
  const said = (text: string) =>
    [...text.matchAll(/<testsuite name="([^"]*)" tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/g)].map(
      ([, ...words]) => `${words.join(' ')}\n`,
    );

  test('of the machines that are expected', async ({ skip }) => {
    needLab(skip);
    const files = globSync('test/hosts/expected/outputs/*/report.xml', { cwd: ROOT });
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      expect(said(text).length).toBeGreaterThan(1);
      expect(await counted(text), file).toMatchObject({ code: 0, stdout: said(text).join(''), stderr: '' });
    }
  });

  test('whatever came from outside', async ({ skip }) => {
    needLab(skip);
    for (const report of fc.sample(hostileReport(), 10))
      expect(await counted(junit.render(report, PLAIN))).toMatchObject({ code: 0, stderr: '' });
  });
});

test('mandoc finds nothing odd in the manual page', async ({ skip }) => {
  needLab(skip);
  const lint = (page: string) => runCommand(['mandoc', '-Tlint', '-Wstyle'], { stdin: page });
  const page = readFileSync(join(ROOT, 'dist/man/seaworthy.1'), 'utf8');
  expect(await lint(page)).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect((await lint(page.replace('.SS', '.NONE'))).code).not.toBe(0);
});
