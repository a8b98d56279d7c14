import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { facts } from '../../src/facts/index.ts';
import { loadPlugins } from '../../src/plugins/load.ts';
import { liveSystem } from '../../src/system/live.ts';
import { findingsOf, checkWith, reportOf } from '../engine/given.ts';

const ROOT = join(import.meta.dirname, '../..');
const builtIn = { checks: [checkWith({ id: 'kernel/one' })], facts };
let from = '';

beforeAll(() => {
  from = mkdtempSync(join(tmpdir(), 'seaworthy-plugins-'));
});
afterAll(() => rmSync(from, { recursive: true }));

function write(path: string, text: string, mode = 0o644): string {
  const file = join(from, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

const load = (specs: readonly string[], privileged = false) =>
  loadPlugins(specs, builtIn, { system: { ...liveSystem(), privileged }, from, timeout: 200 });

/** The sentence of the one unknown result that the plugin became. */
async function broken(spec: string, privileged = false): Promise<string> {
  const { checks } = await load([spec], privileged);
  expect(checks).toHaveLength(2);
  expect(checks[1]?.id).toMatch(/^plugins\/[a-z0-9-]+$/);
  const report = await reportOf({ checks });
  expect(report.checks.map(({ status }) => status)).toEqual(['pass', 'unknown']);
  expect(report.checks[1]?.findings).toMatchObject([{ reason: 'not-loaded', status: 'unknown' }]);
  return report.checks[1]?.findings[0]?.message ?? '';
}

const CHECK = `{ id: 'NAME/one', title: 'one', docs: 'https://acme.example/', kubeadm: [], stages: ['fresh'], reasons: { fine: 'pass' },
  needs: NEEDS, wants: [], judge: () => [{ subject: 'it', reason: 'fine', message: 'It is fine.' }] }`;
const plugin = (name: string, needs = '[]', more = '') =>
  `export default { apiVersion: 1, name: '${name}', checks: [${CHECK.replace('NAME', name).replace('NEEDS', needs)}], ${more} };`;

test('a path is loaded, and its check is judged', async () => {
  write('ours.mjs', plugin('ours'));
  const { checks } = await load(['./ours.mjs']);
  expect(checks.map(({ id }) => id)).toEqual(['kernel/one', 'ours/one']);
  expect(await findingsOf({ check: checks[1]! })).toMatchObject([{ check: 'ours/one', status: 'pass' }]);
});

test('TypeScript is loaded as it is', async () => {
  write('typed.ts', `const name: string = 'typed';\n${plugin('typed')}\nexport { name };`);
  expect((await load(['typed.ts'])).checks.map(({ id }) => id)).toContain('typed/one');
});

test('a package is found where it is installed, also one that is only for import', async () => {
  write('node_modules/acme-checks/package.json', '{"name":"acme-checks","exports":{"import":"./main.mjs"}}');
  write('node_modules/acme-checks/main.mjs', plugin('packed'));
  expect((await load(['acme-checks'])).checks.map(({ id }) => id)).toContain('packed/one');
});

test('facts get the name of their plugin and hide none of ours', async () => {
  const fact = `{ title: 'f', schema: () => ({}), read: async () => 1 }`;
  write('facts.mjs', plugin('facts', `['facts/machineId', 'hostname']`, `facts: { machineId: ${fact} }`));
  const loaded = await load(['./facts.mjs']);
  expect(loaded.checks).toHaveLength(2);
  expect(loaded.facts).toHaveProperty(['facts/machineId', 'title'], 'f');
  expect(loaded.facts.machineId).toBe(facts.machineId);
});

test('what is loaded beside a broken one works', async () => {
  write('ours.mjs', plugin('ours'));
  const { checks } = await load(['./gone.mjs', './ours.mjs']);
  expect(checks.map(({ id }) => id)).toEqual(['kernel/one', 'plugins/gone-1', 'ours/one']);
});

describe('one unknown result for', () => {
  test.each([
    ['syntax', 'export default {', 'was not loaded: '],
    ['throws', 'throw new Error("no luck\\nat all");', 'no luck.'],
    ['odd', 'throw Object.create(null);', 'something that is no error'],
    ['nothing', 'export const a = 1;', 'it exports nothing by default'],
    ['number', 'export default 7;', 'its default export'],
    ['api', `export default { apiVersion: 2, name: 'x' };`, 'apiVersion'],
    ['name', `export default { apiVersion: 1, name: 'X y' };`, 'name'],
    ['category', plugin('kernel'), 'the name kernel is taken'],
    ['foreign', plugin('foreign').replace('foreign/one', 'kernel/one'), 'the id kernel/one is not foreign/'],
    ['crooked', plugin('crooked').replace('crooked/one', 'crooked/../one'), 'is not crooked/'],
    ['idle', plugin('idle').replace(/judge: .*?\}\] \}/s, '}'), 'neither judge nor compare'],
    ['status', plugin('status').replace(`'pass'`, `'great'`), 'reasons.fine'],
    ['docs', plugin('docs').replace('https:', 'javascript:'), 'docs'],
    ['needs', plugin('needs', `['nobodyReadsThis']`), 'which nobody reads'],
    ['fact', plugin('fact', '[]', 'facts: { x: { title: "x" } }'), 'facts.x.schema'],
    ['twice', plugin('twice').replace(/checks: \[(.*)\], +\}/s, 'checks: [$1, $1] }'), 'there twice'],
  ])('%s', async (name, text, said) => {
    write(`broken/${name}.mjs`, text);
    expect(await broken(`./broken/${name}.mjs`)).toContain(said);
  });

  test('what is not there, or no file', async () => {
    expect(await broken('./none.mjs')).toContain('there is no file');
    expect(await broken('./')).toContain('directory, not a file');
    expect(await broken('not-installed-anywhere')).toContain('no package not-installed-anywhere is installed');
    expect(await broken('fs')).toContain('part of Node');
    expect(await broken('\u001B[2Jx')).not.toContain('\u001B');
  });

  test('a module that is never loaded', async () => {
    write('broken/hangs.mjs', 'await new Promise(() => undefined);');
    expect(await broken('./broken/hangs.mjs')).toContain('not loaded within 200ms');
  });

  test('the second of one name', async () => {
    write('ours.mjs', plugin('ours'));
    const { checks } = await load(['./ours.mjs', './ours.mjs']);
    expect(checks.map(({ id }) => id)).toEqual(['kernel/one', 'ours/one', 'plugins/ours-2']);
  });
});

describe.runIf(process.geteuid?.() === 0)('as root', () => {
  test('what only root can write is loaded', async () => {
    write('ours.mjs', plugin('ours'));
    expect((await load(['./ours.mjs'], true)).checks[1]?.id).toBe('ours/one');
  });

  test.each([0o666, 0o664, 0o646])('a file that others can write is refused (%o)', async (mode) => {
    chownSync(write('open.mjs', plugin('open'), mode), 0, 12_345);
    expect(await broken('./open.mjs', true)).toContain('others than root own');
  });

  test('a file in a directory that others can write is refused, by its name and by its link', async () => {
    write('shared/ours.mjs', plugin('ours'));
    write('closed/ours.mjs', plugin('ours'));
    chmodSync(join(from, 'shared'), 0o777);
    symlinkSync(join(from, 'closed/ours.mjs'), join(from, 'shared/link.mjs'));
    symlinkSync(join(from, 'shared/ours.mjs'), join(from, 'closed/link.mjs'));
    for (const spec of ['shared/ours.mjs', 'shared/link.mjs', 'closed/link.mjs'])
      expect(await broken(`./${spec}`, true)).toContain(`others than root own ${join(from, 'shared')} or can write it`);
  });

  test('a file of another user is refused', async () => {
    chownSync(write('theirs.mjs', plugin('theirs')), 12_345, 0);
    expect(await broken('./theirs.mjs', true)).toContain('others than root own');
  });

  test('the code of a refused file does not run', async () => {
    write('runs.mjs', `globalThis.seaworthyPluginRan = true;\n${plugin('runs')}`, 0o666);
    await broken('./runs.mjs', true);
    expect(globalThis).not.toHaveProperty('seaworthyPluginRan');
  });
});

test('without root the same files are loaded', async () => {
  write('open.mjs', plugin('open'), 0o666);
  expect((await load(['./open.mjs'])).checks[1]?.id).toBe('open/one');
});

test('`seaworthy/plugin` is this program, wherever the plugin lies', () => {
  cpSync(join(import.meta.dirname, 'example'), join(from, 'elsewhere'), { recursive: true });
  const script = `
    import { loadPlugins } from ${JSON.stringify(join(ROOT, 'src/plugins/load.ts'))};
    import { rootedSystem } from ${JSON.stringify(join(ROOT, 'src/system/rooted.ts'))};
    import { liveSystem } from ${JSON.stringify(join(ROOT, 'src/system/live.ts'))};
    const from = process.argv[1];
    const { checks, facts } = await loadPlugins(['./elsewhere/index.ts'], { checks: [], facts: {} }, { system: liveSystem(), from, timeout: 5_000 });
    const [check] = checks;
    console.log(check.id, Object.keys(facts).join(), check.page?.split('\\n')[0] ?? check.judge()[0].message);
    console.log(JSON.stringify(await facts['acme/diskLabels'].read(rootedSystem(from))));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, from], { encoding: 'utf8' });
  expect(output).toBe('acme/disk-label acme/diskLabels # acme/disk-label\n{"labels":[]}\n');
});

test('the example holds to the public types', { timeout: 30_000 }, () => {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  expect(() =>
    execFileSync(process.execPath, [tsc, '-p', join(import.meta.dirname, 'example'), '--noEmit'], { encoding: 'utf8' }),
  ).not.toThrow();
});
