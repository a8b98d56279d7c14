import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { machine, removeDirectories, runCli, temporaryDirectory } from './seaworthy.ts';

afterAll(removeDirectories);

const directory = temporaryDirectory();

/** A plugin of one check with these statements in its module, in its fact and in its judge. */
function acme(name: string, { module = '', fact = '', judge = '' }): string {
  const file = join(directory, `${name}.mjs`);
  writeFileSync(
    file,
    `${module}
     const check = {
       id: 'acme/one', title: 'acme is fine', docs: 'https://acme.example/', kubeadm: [], stages: ['fresh', 'joined'],
       reasons: { fine: 'pass' }, needs: ['acme/thing'], wants: [],
       judge: () => { ${judge}; return [{ subject: 'it', reason: 'fine', message: 'It is fine.' }]; },
     };
     const thing = { title: 'a thing', schema: () => ({}), read: async () => { ${fact}; return 1; } };
     export default { apiVersion: 1, name: 'acme', checks: [check], facts: { thing } };\n`,
    { mode: 0o644 },
  );
  return file;
}

const root = machine();
const check = (plugin: string, ...args: readonly string[]) =>
  runCli(['check', '--root', root, '--plugin', plugin, '--json', ...args]);

const findingsIn = (stdout: string) =>
  JSON.parse(stdout).checks.flatMap(({ findings }: { findings: unknown[] }) => findings);

describe.concurrent('a plugin cannot end the program', () => {
  test.each([
    ['in its module', { module: 'process.exit(0);' }, 'not-loaded', 'process.exit(0) was called by '],
    ['by its name', { module: "import { exit } from 'node:process'; exit();" }, 'not-loaded', 'process.exit() was'],
    ['in its fact', { fact: 'process.reallyExit(0)' }, 'fact-error', 'process.reallyExit(0) was called by '],
    ['in its judge', { judge: 'process.exit(0)' }, 'check-error', 'process.exit(0) was called by '],
  ])('%s: one unknown result, and the rest is judged', async (name, statements, reason, said) => {
    const plugin = acme(name.replaceAll(' ', '-'), statements);
    const { code, stdout, stderr } = await check(plugin, '--only', 'identity/machine-id', '--only', 'acme');
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(findingsIn(stdout)).toMatchObject([
      { check: 'identity/machine-id', status: 'pass' },
      { reason, status: 'unknown', message: expect.stringContaining(said) },
    ]);
  });

  test('nor change its exit code', async () => {
    const last = 'process.exitCode = 7; process.on("exit", () => { process.exitCode = 7; process.reallyExit(7); });';
    const { code } = await check(acme('last', { module: last }), '--only', 'identity/machine-id');
    expect(code).toBe(0);
  });

  test('nor later, when nobody waits for it: it is named', async () => {
    const later = acme('later', {
      module: 'setTimeout(() => process.exit(0), 1);',
      fact: 'await new Promise((done) => setTimeout(done, 500))',
    });
    const { code, stderr } = await check(later, '--only', 'acme');
    expect({ code, stderr }).toEqual({ code: 3, stderr: `seaworthy: process.exit(0) was called by ${later}:1:26\n` });
  });

  test('nor hold it for good', { timeout: 30_000 }, async () => {
    const loop = acme('loop', { judge: 'for (;;);' });
    const { code, stdout, stderr } = await check(loop, '--only', 'acme', '--budget', '1s');
    expect({ code, stdout, stderr }).toEqual({
      code: 3,
      stdout: '',
      stderr: 'seaworthy: a plugin has not let go of the program for 6s.\n',
    });
  });

  test('a slow reader of the report is no plugin that holds on', { timeout: 30_000 }, async () => {
    const judge = `return Array.from({ length: 2_000 }, (_, index) => ({ subject: String(index), reason: 'fine', message: '' }))`;
    const { code, stdout } = await runCli(
      ['check', '--root', root, '--plugin', acme('large', { judge }), '--only', 'acme', '--budget', '1s', '--json'],
      {
        onStart: ({ stdout: pipe }) => {
          pipe?.pause();
          setTimeout(() => pipe?.resume(), 9_000);
        },
      },
    );
    expect(code).toBe(0);
    expect(findingsIn(stdout)).toHaveLength(2_000);
  });
});

describe.concurrent('a plugin that is not loaded stays in the report', () => {
  const gone = ['--plugin', './gone.mjs'];

  test.each([[['--only', 'identity/machine-id']], [['--only', 'identity/machine-id', '--skip', 'plugins']]])(
    '%s',
    async (selection) => {
      const { code, stdout } = await runCli(['check', '--root', root, ...gone, '--json', ...selection]);
      expect(code).toBe(3);
      expect(JSON.parse(stdout)).toMatchObject({
        verdict: 'unknown',
        checks: [
          { id: 'identity/machine-id', status: 'pass' },
          { id: 'plugins/gone-1', status: 'unknown' },
        ],
      });
    },
  );

  test('when --only names a check of it', async () => {
    const { code, stdout } = await runCli(['check', '--root', root, ...gone, '--json', '--only', 'gone/one']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ checks: [{ id: 'plugins/gone-1', status: 'unknown' }] });
  });
});
