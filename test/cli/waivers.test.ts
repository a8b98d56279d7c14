import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { machine, removeDirectories, runCli, temporaryDirectory } from './seaworthy.ts';

afterAll(removeDirectories);

// A machine whose machine-id is none.
const root = machine('broken');
const ONE = ['--root', root, '--only', 'identity/machine-id'];

function configuration(text: string): string {
  const file = join(temporaryDirectory(), 'seaworthy.yaml');
  writeFileSync(file, text);
  return file;
}

const allowing = (more = '') =>
  configuration(
    `waivers:\n  - check: identity/machine-id\n    subject: /etc/machine-*\n    why: a template of ours\n${more}`,
  );

test('what the configuration waives does not fail the run', async () => {
  expect((await runCli(['check', ...ONE])).code).toBe(2);
  const { code, stdout } = await runCli(['check', ...ONE, '--config', allowing()]);
  expect(code).toBe(0);
  expect(stdout).toContain('it fails, and a waiver allows it: a template of ours');
});

test('one that expired does no longer', async () => {
  const config = allowing('    until: 2001-01-31\n');
  const { code, stdout } = await runCli(['check', ...ONE, '--config', config, '--json']);
  expect(code).toBe(2);
  const { checks } = JSON.parse(stdout);
  expect(checks[0].findings).toMatchObject([
    { status: 'fail', reason: 'malformed' },
    { status: 'warn', reason: 'waiver-expired', evidence: { place: `${config}:2:5` } },
  ]);
});

test('saved facts are waived by the configuration of whoever judges them, and by no other', async () => {
  const saved = join(temporaryDirectory(), 'facts.json');
  const waived = await runCli(['check', ...ONE, '--config', allowing(), '--save-facts', saved]);
  expect(waived.code).toBe(0);
  const only = ['--only', 'identity/machine-id'];
  expect((await runCli(['check', '--facts', saved, ...only])).code).toBe(2);
  expect((await runCli(['check', '--facts', saved, ...only, '--config', allowing()])).code).toBe(0);
  expect((await runCli(['compare', saved, saved, ...only])).code).toBe(2);
  expect((await runCli(['compare', saved, saved, ...only], {})).stdout).not.toContain('waiver');
});

test('one that allowed nothing is told to those who want to know all', async () => {
  const config = configuration('waivers:\n  - { reason: malformed, subject: nothing, why: w }\n');
  const quiet = await runCli(['check', ...ONE, '--config', config]);
  expect(quiet.stderr).toBe('');
  const { code, stderr } = await runCli(['check', ...ONE, '--config', config, '--verbose']);
  expect(code).toBe(2);
  expect(stderr).toBe(`seaworthy: the waiver of nothing malformed allowed nothing in this run (${config}:2:5)\n`);
});

describe('a waiver that could never hold is wrong usage', () => {
  test.each([
    [
      '{ check: identity/machin-id, subject: x, why: w }',
      'waivers: "identity/machin-id" is no check. Did you mean identity/machine-id?',
    ],
    [
      '{ reason: malformd, subject: x, why: w }',
      'waivers: no check fails for the reason "malformd", and only a fail can be waived. Did you mean malformed?',
    ],
    [
      '{ check: identity/machine-id, reason: valid, subject: x, why: w }',
      'waivers: identity/machine-id does not fail for the reason "valid", and only a fail can be waived.',
    ],
  ])('%s', async (waiver, said) => {
    const config = configuration(`# ours\nwaivers:\n  - ${waiver}\n`);
    const { code, stdout, stderr } = await runCli(['check', ...ONE, '--config', config]);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain(`seaworthy: ${config}:3:5 ${said}`);
  });
});

test('no flag waives', async () => {
  expect((await runCli(['check', '--waivers', 'x'])).code).toBe(3);
});
