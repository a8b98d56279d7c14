import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { plugin, removeDirectories, runCli, temporaryDirectory } from './seaworthy.ts';

afterAll(removeDirectories);

const acme = plugin(temporaryDirectory());

const TABLE = [
  // status, --fail-on fail, unknown, warn
  ['pass', 0, 0, 0],
  ['skip', 0, 0, 0],
  ['warn', 0, 0, 1],
  ['unknown', 0, 3, 3],
  ['fail', 2, 2, 2],
] as const;

const CASES = TABLE.flatMap(([status, fail, unknown, warn]) => [
  { status, args: ['--fail-on', 'fail'], code: fail },
  { status, args: ['--fail-on', 'unknown'], code: unknown },
  { status, args: [], code: unknown },
  { status, args: ['--fail-on', 'warn'], code: warn },
]);

describe.concurrent('exit codes', () => {
  test.each(CASES)('$status $args → $code', async ({ status, args, code }) => {
    const result = await runCli(['check', '--plugin', acme, '--only', 'acme/one', '--json', ...args], {
      env: { ACME: status },
    });
    expect(result).toMatchObject({ code, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({ checks: [{ id: 'acme/one', status }] });
  });

  test.each([
    // status, Nagios: OK, WARNING, CRITICAL, UNKNOWN, node-problem-detector: OK, NonOK, Unknown
    ['pass', 0, 0],
    ['skip', 0, 0],
    ['warn', 1, 0],
    ['unknown', 3, 2],
    ['fail', 2, 1],
  ] as const)('for monitoring: %s → nagios %i, npd %i', async (status, nagios, npd) => {
    const run = (...args: string[]) =>
      runCli(['check', '--plugin', acme, '--only', 'acme/one', ...args], { env: { ACME: status } });
    const [forNagios, forNpd] = await Promise.all([run('-o', 'nagios'), run('-o', 'npd')]);
    expect(forNagios).toMatchObject({ code: nagios, stderr: '' });
    expect(forNagios.stdout).toMatch(/^(?:OK|WARNING|CRITICAL|UNKNOWN): .{1,70} \| fail=/);
    expect(forNpd).toMatchObject({ code: npd, stderr: '' });
    const directory = temporaryDirectory();
    // Their files change no exit code, and what was said holds.
    expect((await run('-o', `nagios=${join(directory, 'n')}`, '-o', `npd=${join(directory, 'p')}`)).code).toBe(
      { pass: 0, skip: 0, warn: 0, unknown: 3, fail: 2 }[status],
    );
    expect((await run('-o', 'nagios', '--fail-on', 'unknown')).code).toBe(status === 'warn' ? 0 : nagios);
    expect((await run('-o', 'npd', '--fail-on', 'warn')).code).toBe(status === 'warn' ? 1 : npd);
  });

  test('a fail that is ignored is a warning that says so', async () => {
    const args = ['check', '--plugin', acme, '--only', 'acme/one', '--json', '--ignore-preflight-errors', 'SWAP'];
    const result = await runCli(args, { env: { ACME: 'fail' } });
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({
      checks: [{ findings: [{ status: 'warn', was: 'fail', because: 'ignore-preflight-errors' }] }],
    });
  });

  test('without a command it checks', async () => {
    const result = await runCli(['--plugin', acme, '--only', 'acme/one', '--json'], { env: { ACME: 'fail' } });
    expect(result.code).toBe(2);
    expect(JSON.parse(result.stdout)).toMatchObject({ run: { command: 'check' }, verdict: 'not-ready' });
  });

  test('a plugin that is broken is unknown, and what it prints is not the report', async () => {
    const loud = join(temporaryDirectory(), 'loud.mjs');
    writeFileSync(loud, "console.log('hello'); export default {};\n", { mode: 0o644 });
    const result = await runCli(['check', '--plugin', loud, '--only', 'plugins', '--json']);
    expect(result).toMatchObject({ code: 3, stderr: 'hello\n' });
    expect(JSON.parse(result.stdout)).toMatchObject({ verdict: 'unknown' });
  });
});
