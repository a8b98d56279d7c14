import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { machine, removeDirectories, ROOT, runCli, temporaryDirectory } from './seaworthy.ts';

afterAll(removeDirectories);

const directory = temporaryDirectory();
const EXAMPLE = join(ROOT, 'test/plugins/example/rules.yaml');

/** A file with these rules; each fails as `bad`. */
function rules(name: string, ...list: readonly object[]): string {
  const file = join(directory, `${name}.yaml`);
  const whole = list.map((rule, index) => ({
    id: `rule-${index + 1}`,
    title: 'it is so',
    docs: 'https://acme.example/',
    fail: { reason: 'bad', remedy: { text: 'Mend it.' } },
    ...rule,
  }));
  writeFileSync(file, JSON.stringify({ schema: 'seaworthy.rules/v1', name: 'acme', rules: whole }), { mode: 0o644 });
  chmodSync(file, 0o644);
  return file;
}

const root = machine();
const HOSTNAME = { sysctl: 'kernel.hostname', expect: { equals: 'w1' } };
const statuses = (stdout: string) =>
  JSON.parse(stdout).checks.map(({ id, status }: { id: string; status: string }) => `${id} ${status}`);

describe.concurrent('rules are checks like others', () => {
  test('judged, chosen and skipped', async () => {
    const file = rules('judged', HOSTNAME, { file: '/etc/none', expect: { exists: true } });
    const check = (...args: readonly string[]) =>
      runCli(['check', '--root', root, '--plugin', file, '--json', ...args]);
    const all = await check('--only', 'identity/machine-id', '--only', 'acme');
    expect({ code: all.code, stderr: all.stderr }).toEqual({ code: 2, stderr: '' });
    expect(statuses(all.stdout)).toEqual(['identity/machine-id pass', 'acme/rule-1 pass', 'acme/rule-2 fail']);
    const skipped = await check('--only', 'acme', '--skip', 'acme/rule-2');
    expect(statuses(skipped.stdout)).toEqual(['acme/rule-1 pass', 'acme/rule-2 skip']);
    expect((await check('--only', 'acme/rule-3')).stderr).toContain('no check and no category has this name');
  });

  test('listed and explained', async () => {
    const file = rules('listed', { ...HOSTNAME, page: '# Why\n\nBecause.\n' }, HOSTNAME);
    expect((await runCli(['list', '--plugin', file])).stdout).toContain('acme/rule-1');
    expect((await runCli(['explain', '--plugin', file, 'acme/rule-1'])).stdout).toBe('# Why\n\nBecause.\n');
    const { stdout } = await runCli(['explain', '--plugin', file, 'acme/rule-2']);
    expect(stdout).toContain('# acme/rule-2');
    expect(stdout.match(/^## .*/gm)).toEqual([
      '## Why it matters',
      '## How it is judged',
      '## How to fix it',
      '## When to ignore it',
    ]);
  });

  test('saved and judged again elsewhere, by the rule that was read', async () => {
    const saved = join(directory, 'saved.json');
    const file = rules('saved', HOSTNAME, { program: { argv: ['/bin/sh', '-c', 'exit 1'] } });
    const here = await runCli(['check', '--plugin', file, '--only', 'acme', '--json', '--save-facts', saved]);
    const again = await runCli(['check', '--plugin', file, '--only', 'acme', '--json', '--facts', saved]);
    const findings = (stdout: string) =>
      JSON.parse(stdout).checks.map(({ findings: all }: { findings: unknown }) => all);
    expect(statuses(here.stdout)).toContain('acme/rule-2 fail');
    expect(findings(again.stdout)).toEqual(findings(here.stdout));
    const other = rules('other', { ...HOSTNAME, sysctl: 'kernel.domainname' });
    const wrong = await runCli(['check', '--plugin', other, '--only', 'acme', '--json', '--facts', saved]);
    expect(statuses(wrong.stdout)).toEqual(['acme/rule-1 unknown']);
  });

  test('programs of a directory are not run', async () => {
    const mark = join(directory, 'ran');
    const file = rules('rooted', { program: { argv: ['/bin/touch', mark] } });
    const { code, stdout } = await runCli(['check', '--root', root, '--plugin', file, '--only', 'acme', '--json']);
    expect({ code, statuses: statuses(stdout) }).toEqual({ code: 3, statuses: ['acme/rule-1 unknown'] });
    expect(existsSync(mark)).toBe(false);
  });

  test('a program that hangs and one that prints cost the others nothing', async () => {
    const file = rules(
      'hangs',
      { program: { argv: ['/bin/sleep', '1000'], timeout: '300ms' } },
      { program: { argv: ['/bin/sh', '-c', 'yes'] } },
      { program: { argv: ['/bin/sh', '-c', 'printf "\\033[31mred\\033[0m\\n"; exit 1'] } },
      { command: 'sh', expect: { exists: true } },
    );
    const { code, stdout } = await runCli([
      'check',
      '--plugin',
      file,
      '--only',
      'acme',
      '-o',
      'json',
      '-o',
      `text=${directory}/text`,
    ]);
    expect(code).toBe(2);
    expect(statuses(stdout)).toEqual([
      'acme/rule-1 unknown',
      'acme/rule-2 unknown',
      'acme/rule-3 fail',
      'acme/rule-4 pass',
    ]);
    expect(readFileSync(join(directory, 'text'), 'utf8')).not.toContain('\u001B');
  });
});

describe.concurrent('a mistake in a file', () => {
  test('is shown with its place, and nothing is run', async () => {
    const mark = join(directory, 'touched');
    const file = rules('wrong', { program: { argv: ['/bin/touch', mark] } }, { ...HOSTNAME, expect: { equal: 1 } });
    for (const command of [['check'], ['list'], ['explain', 'acme/rule-1'], ['facts']]) {
      const { code, stdout, stderr } = await runCli([...command, '--plugin', file]);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(
        /^seaworthy: \S+wrong\.yaml:1:\d+: "equal" is no key here \(did you mean equals\?\)\nAllowed: equals, /,
      );
      expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    }
    expect(existsSync(mark)).toBe(false);
  });

  test('the name of another category', async () => {
    const file = rules('taken', HOSTNAME);
    const { code, stderr } = await runCli(['check', '--plugin', file, '--plugin', `${directory}/./taken.yaml`]);
    expect(code).toBe(3);
    expect(stderr).toContain('name: must be another name: acme is taken');
  });

  test('a file that is not there is one unknown result, as a module is', async () => {
    const { code, stdout } = await runCli([
      'check',
      '--root',
      root,
      '--only',
      'identity/machine-id',
      '--plugin',
      './gone.yaml',
      '--json',
    ]);
    expect({ code, statuses: statuses(stdout) }).toEqual({
      code: 3,
      statuses: ['identity/machine-id pass', 'plugins/gone-1 unknown'],
    });
  });
});

test.runIf(process.geteuid?.() === 0)('as root a file that others can write is refused', async () => {
  const mark = join(directory, 'refused');
  const file = rules('open', { program: { argv: ['/bin/touch', mark] } });
  for (const [mode, shared] of [
    [0o666, 0o755],
    [0o644, 0o777],
  ] as const) {
    const inside = join(directory, `in-${shared.toString(8)}`);
    mkdirSync(inside, { recursive: true });
    writeFileSync(join(inside, 'rules.yaml'), readFileSync(file));
    chmodSync(join(inside, 'rules.yaml'), mode);
    chmodSync(inside, shared);
    const { code, stdout } = await runCli([
      'check',
      '--only',
      'acme',
      '--plugin',
      join(inside, 'rules.yaml'),
      '--json',
    ]);
    expect(code).toBe(3);
    expect(stdout).toContain('others than root own');
  }
  expect(existsSync(mark)).toBe(false);
});

test('the example is what the attached schema describes', () => {
  const attached = createRequire(import.meta.url).resolve('seaworthy/schema/rules.json');
  const isRules = new Ajv2020({ strict: false, validateFormats: false }).compile(
    JSON.parse(readFileSync(attached, 'utf8')),
  );
  const example: unknown = parse(readFileSync(EXAMPLE, 'utf8'));
  expect(isRules(example) ? [] : isRules.errors).toEqual([]);
  expect(isRules(Object.assign({}, example, { rulez: 1 }))).toBe(false);
});
