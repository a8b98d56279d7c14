import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { readOutputs } from '../../tools/metafile.ts';
import { SCRIPTS } from '../../tools/run-program.ts';
import { ROOT } from './seaworthy.ts';

const outputs = readOutputs();

const sources = (chunk: string): string[] => Object.keys(outputs[chunk]?.inputs ?? {});

/** Chunks that the program can load with import(). */
const lazy = (outputs['dist/program.cjs']?.imports ?? []).filter(({ kind }) => kind === 'dynamic-import');

test('the program starts with next to nothing', () => {
  expect(sources('dist/main.js').toSorted()).toEqual(['tools/bundle-main.ts', 'tools/run-program.ts']);
});

test('the command line holds neither the interface nor what only some runs need', () => {
  const program = sources('dist/program.cjs');
  expect(program).toContain('src/cli/commands/check.ts');
  const heavy =
    /node_modules\/(?:ink|react|react-reconciler|yoga-layout|systeminformation|yaml)\/|^src\/tui\/|^checks\/pages|\.md$/;
  expect(program.filter((path) => heavy.test(path))).toEqual([]);
});

test('what only some runs need is loaded where it is needed, from a chunk beside the program', () => {
  const names = lazy.map(({ path }) => path).filter((path) => path.startsWith('./'));
  expect([...new Set(names)].sort()).toEqual([
    './licenses.js',
    './pages.js',
    './systeminformation.js',
    './tui.js',
    './yaml.js',
  ]);
  // Licences are no code: they are known when all else is bundled.
  for (const name of names.filter((each) => each !== './licenses.js'))
    expect(sources(name.replace('./', 'dist/'))).not.toEqual([]);
});

test('the interface is all in its own chunk', () => {
  const tui = sources('dist/tui.js');
  for (const part of ['node_modules/ink/', 'node_modules/react/', 'src/tui/'])
    expect(
      tui.some((path) => path.startsWith(part)),
      part,
    ).toBe(true);
  // It is handed what runs checks, and does not bring its own.
  expect(tui.filter((path) => /^(?:src\/(?:engine|cli|facts|peers|system)|checks)\//.test(path))).toEqual([]);
});

test('what runs inside of pods holds the messages and the packets, and nothing that judges', () => {
  const agent = sources('dist/pod-agent.cjs');
  expect(agent).toContain('src/probes/tcp.ts');
  expect(
    agent.filter((path) => /^(?:checks|src\/(?:engine|judging|report|pods|cni|cluster|fleet))\//.test(path)),
  ).toEqual([]);
});

test.each(SCRIPTS)('the code cache of %s is of this very script', (name) => {
  const script = new Script(readFileSync(join(ROOT, `dist/${name}.cjs`), 'utf8'), {
    cachedData: readFileSync(join(ROOT, `dist/${name}.cache`)),
  });
  expect(script.cachedDataRejected).toBe(false);
});
