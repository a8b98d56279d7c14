import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { expect, test } from 'vitest';
import * as z from 'zod';
import manifest from '../../../package.json' with { type: 'json' };
import { bundledPackages } from '../../../tools/bundled-packages.ts';
import { readOutputs } from '../../../tools/metafile.ts';
import { ROOT, runCli, runCommand } from '../seaworthy.ts';

const DIST = join(ROOT, 'dist');
const text = readFileSync(join(DIST, 'seaworthy.cdx.json'), 'utf8');
const component = z.object({ name: z.string(), group: z.string().optional(), version: z.string() });
const bom = z
  .object({
    metadata: z.object({ component: component.extend({ hashes: z.array(z.object({ content: z.string() })) }) }),
    components: z.array(component.extend({ components: z.array(component).optional() })),
  })
  .parse(JSON.parse(text));
const named = bom.components.map(
  ({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name} ${version}`,
);

test('the sums are those of the files', async () => {
  expect(await runCommand(['sha256sum', '--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: DIST })).toMatchObject({
    code: 0,
    stdout: '',
  });
  const sums = readFileSync(join(DIST, 'SHA256SUMS'), 'utf8');
  expect(sums).toContain(`${bom.metadata.component.hashes[0]?.content}  seaworthy\n`);
});

test('the bill of materials is CycloneDX, as its own validator reads it', async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  expect(await validator.validate(text)).toBeNull();
  expect(await validator.validate(text.replace('"application"', '"programme"'))).not.toBeNull();
});

test('it lists what was bundled and Node, with what is inside of Node', () => {
  const packages = bundledPackages(readOutputs()).map(({ name, version }) => `${name} ${version}`);
  expect(packages).toContain(`ink ${manifest.devDependencies.ink}`);
  expect(packages.filter((each) => each.startsWith('vitest'))).toEqual([]);
  const node = `node-linux-${process.arch} ${process.versions.node}`;
  expect(named.toSorted()).toEqual([...packages, node].toSorted());
  const libraries = bom.components.find(({ components }) => components !== undefined)?.components ?? [];
  for (const name of ['openssl', 'v8', 'uv']) {
    expect(libraries).toContainEqual(expect.objectContaining({ name, version: process.versions[name] }));
  }
});

test('--licenses prints the licence of each of them, and the notices of Node', async () => {
  const { code, stdout, stderr } = await runCli(['--licenses']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const titles = stdout
    .split('\n')
    .filter((line, index, lines) => /^-+$/.test(lines[index - 2] ?? '') && /^\S+ \d\S*: /.test(line));
  expect(titles.map((line) => line.replace(/: .*/, '')).toSorted()).toEqual(
    [`seaworthy ${manifest.version}`, ...named].toSorted(),
  );
  for (const said of [
    'TERMS AND CONDITIONS FOR USE',
    'Meta Platforms, Inc. and affiliates',
    '- OpenSSL, located at deps/openssl',
  ]) {
    expect(stdout).toContain(said);
  }
});

test('the package for npm does not carry it along', async () => {
  const { stdout } = await runCommand(['npm', 'pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
  const packed = z.array(z.object({ files: z.array(z.object({ path: z.string() })) })).parse(JSON.parse(stdout));
  const files = packed.flatMap((each) => each.files.map(({ path }) => path));
  expect(files).toContain('dist/main.js');
  expect(files).toContain('dist/licenses.js');
  expect(files.filter((path) => /^dist\/(?:seaworthy|SHA256SUMS|release)/.test(path))).toEqual([]);
});
