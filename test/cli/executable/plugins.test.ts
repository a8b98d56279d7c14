import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { reportSchema } from '../../../src/report/schema.ts';
import { machine, removeDirectories, ROOT, runCli, temporaryDirectory } from '../seaworthy.ts';

afterAll(removeDirectories);

const root = machine();

async function statuses(plugin: string, only: string, cwd = '/'): Promise<Record<string, string>> {
  const { stdout, stderr } = await runCli(['check', '--root', root, '--plugin', plugin, '--only', only, '--json'], {
    cwd,
  });
  expect(stderr).toBe('');
  const { checks } = reportSchema.parse(JSON.parse(stdout));
  return Object.fromEntries(checks.map(({ id, findings }) => [id, findings.map(({ reason }) => reason).join()]));
}

/** A check that is made with what the program hands out. */
const definition = (hands: string) => `${hands}
const check = defineCheck({
  id: 'acme/one', title: 'acme is fine', docs: 'https://acme.example/', kubeadm: [], stages: ['fresh', 'joined'],
  reasons: { fine: 'pass' }, needs: ['acme/thing'], wants: [],
  judge: () => [{ subject: 'it', reason: 'fine', message: 'It is fine.' }],
});
const thing = defineFact({ title: 'a thing', schema: () => z.literal(1), read: async () => 1 });
`;
const IMPORT = "import { defineCheck, defineFact, definePlugin, z } from 'seaworthy/plugin';";
const REQUIRE = "const { defineCheck, defineFact, definePlugin, z } = require('seaworthy/plugin');";
const PLUGIN = "definePlugin({ apiVersion: 1, name: 'acme', checks: [check], facts: { thing } })";

describe.concurrent('a plugin is given what is inside of the executable', () => {
  test.each([
    ['acme.mjs', `${definition(IMPORT)}export default ${PLUGIN};\n`],
    ['acme.ts', `${definition(IMPORT)}const one: number = 1;\nexport default ${PLUGIN} satisfies object;\n`],
    ['acme.cjs', `${definition(REQUIRE)}module.exports = ${PLUGIN};\n`],
  ])('%s', async (name, text) => {
    const file = join(temporaryDirectory(), name);
    writeFileSync(file, text);
    expect(await statuses(file, 'acme')).toEqual({ 'acme/one': 'fine' });
  });

  test('an npm package, with a module beside it', async () => {
    const directory = temporaryDirectory();
    const files = {
      'node_modules/seaworthy-acme/package.json': JSON.stringify({
        name: 'seaworthy-acme',
        exports: './index.js',
        type: 'module',
      }),
      'node_modules/seaworthy-acme/index.js': `import './other.js';\n${definition(IMPORT)}export default ${PLUGIN};\n`,
      'node_modules/seaworthy-acme/other.js': '',
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    expect(await statuses('seaworthy-acme', 'acme', directory)).toEqual({ 'acme/one': 'fine' });
  });

  test('the example in TypeScript, and its rules', async () => {
    const example = join(ROOT, 'test/plugins/example/index.ts');
    const { stdout, stderr, code } = await runCli([
      'list',
      '--plugin',
      example,
      '--plugin',
      join(ROOT, 'test/plugins/example/rules.yaml'),
    ]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toMatch(/^acme\/disk-label /m);
  });
});
