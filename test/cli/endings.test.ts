import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { reportSchema } from '../../src/report/schema.ts';
import { PROGRAM } from '../program.ts';
import {
  machine,
  onceWaiting,
  plugin,
  removeDirectories,
  runCli,
  runCommand,
  temporaryDirectory,
  WAITS_FOR_EVER,
} from './seaworthy.ts';

afterAll(removeDirectories);

const slow = plugin(temporaryDirectory(), WAITS_FOR_EVER);

describe.concurrent('a run that is ended before its time says what it found', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const)('%s → %i', async (signal, code) => {
    const waits = plugin(temporaryDirectory(), WAITS_FOR_EVER);
    const args = ['check', '--plugin', waits, '--only', 'acme', '--timeout', '60s', '--budget', '60s', '--json'];
    const result = await runCli(args, {
      onStart: (child) => void onceWaiting(waits, child, () => child.kill(signal)),
    });
    expect(result).toMatchObject({ code, signal: null, stderr: '' });
    const report = reportSchema.parse(JSON.parse(result.stdout));
    expect(report.checks.map(({ id, findings: [finding] }) => [id, finding?.reason])).toEqual([
      ['acme/one', 'pass'],
      ['acme/slow', 'interrupted'],
    ]);
    expect(result.ms).toBeLessThan(30_000);
  });

  test.each(['SIGTERM', 'SIGQUIT'] as const)('%s: a child that hangs is ended too', async (signal) => {
    const directory = temporaryDirectory();
    const pidFile = join(directory, 'pid');
    const script = `echo $$ > ${pidFile}; : > ${join(directory, 'reading')}; exec sleep 60`;
    const hangs = plugin(
      directory,
      `(system, { signal }) => system.programs.run('/bin/sh', ['-c', ${JSON.stringify(script)}], { signal })`,
    );
    const args = ['check', '--plugin', hangs, '--only', 'acme', '--timeout', '20s', '--json'];
    const result = await runCli(args, {
      onStart: (child) => void onceWaiting(hangs, child, () => child.kill(signal)),
    });
    expect(JSON.parse(result.stdout)).toMatchObject({ checks: [{}, { findings: [{ reason: 'interrupted' }] }] });
    const child = Number(readFileSync(pidFile, 'utf8'));
    await vi.waitFor(() => expect(() => process.kill(child, 0)).toThrow('ESRCH'), { timeout: 3_000 });
  });

  test('the budget ends it by itself', async () => {
    const result = await runCli([
      'check',
      '--plugin',
      slow,
      '--only',
      'acme',
      '--timeout',
      '20s',
      '--budget',
      '300ms',
      '--json',
    ]);
    expect(result.code).toBe(3);
    const report = reportSchema.parse(JSON.parse(result.stdout));
    expect(report).toMatchObject({ verdict: 'unknown', summary: { pass: 1, unknown: 1 } });
    expect(report.checks[1]?.findings).toMatchObject([{ reason: 'budget-spent', status: 'unknown' }]);
  });

  test('the time of one attempt ends that one', async () => {
    const result = await runCli(['check', '--plugin', slow, '--only', 'acme', '--timeout', '100ms', '--json']);
    expect(result.code).toBe(3);
    expect(JSON.parse(result.stdout)).toMatchObject({
      checks: [{ status: 'pass' }, { findings: [{ reason: 'fact-timeout' }] }],
    });
  });

  test('a read that hangs in the kernel is left behind', async () => {
    const directory = temporaryDirectory();
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    const hangs = plugin(
      directory,
      `async () => (await import('node:fs/promises')).open(${JSON.stringify(join(directory, 'pipe'))})`,
    );
    const result = await runCli(['check', '--plugin', hangs, '--only', 'acme', '--timeout', '100ms', '--json']);
    expect(result).toMatchObject({ code: 3, signal: null, stderr: '' });
    expect(result.ms).toBeLessThan(5_000);
  });

  test('facts too', async () => {
    const waits = plugin(temporaryDirectory(), WAITS_FOR_EVER);
    const result = await runCli(['facts', '--plugin', waits, '--root', machine(), '--timeout', '20s'], {
      onStart: (child) => void onceWaiting(waits, child, () => child.kill('SIGTERM')),
    });
    expect(result.code).toBe(143);
    expect(JSON.parse(result.stdout)).toMatchObject({ nodes: [{ facts: { 'acme/slow': { unread: 'timeout' } } }] });
  });
});

test('a program with nothing left to wait for has not done what it was asked', async () => {
  const hangs = plugin(temporaryDirectory());
  appendFileSync(hangs, 'process.stdout.write = () => true;');
  const result = await runCli(['check', '--plugin', hangs, '--only', 'acme/one', '--json']);
  expect(result).toMatchObject({ code: 3, stdout: '' });
  expect(result.stderr).toContain('seaworthy itself broke: it waits for something that will not come\n');
});

describe.concurrent('the reader of standard output', () => {
  test('may go early', async () => {
    const result = await runCommand([
      'bash',
      '-c',
      'set -o pipefail; "$@" | head -c 1',
      'bash',
      ...PROGRAM,
      'facts',
      '--root',
      machine(),
    ]);
    expect(result).toMatchObject({ code: 0, stdout: '{', stderr: '' });
  });

  test('a full disk is not a report', async () => {
    const result = await runCommand([
      'bash',
      '-c',
      '"$@" > /dev/full',
      'bash',
      ...PROGRAM,
      'facts',
      '--root',
      machine(),
    ]);
    expect(result.code).toBe(3);
    expect(result.stderr).toMatch(/^seaworthy: standard output: no space left on the device\n$/);
  });

  test('closed streams are no reason to break', async () => {
    const result = await runCommand(['bash', '-c', '"$@" token >&- 2>&- <&-; echo $?', 'bash', ...PROGRAM]);
    expect(result.stdout).toMatch(/^[03]\n$/);
  });
});
