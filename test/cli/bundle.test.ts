import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { ROOT } from './seaworthy.ts';

const metafile = z.object({
  outputs: z.record(
    z.string(),
    z.object({
      entryPoint: z.string().optional(),
      imports: z.array(z.object({ path: z.string(), kind: z.string() })),
      inputs: z.record(z.string(), z.unknown()),
    }),
  ),
});

const { outputs } = metafile.parse(JSON.parse(readFileSync(join(ROOT, 'dist/meta.json'), 'utf8')));

/** The sources that a chunk needs before its first line runs, those of its static imports included. */
function closure(chunk: string, seen = new Set<string>()): string[] {
  const output = outputs[chunk];
  if (output === undefined || seen.has(chunk)) return [];
  seen.add(chunk);
  const further = output.imports
    .filter(({ kind }) => kind === 'import-statement')
    .flatMap(({ path }) => closure(path, seen));
  return [...Object.keys(output.inputs), ...further];
}

function chunkOf(entryPoint: string): string {
  return Object.keys(outputs).find((name) => outputs[name]?.entryPoint === entryPoint) ?? '';
}

test('the program starts with next to nothing', () => {
  expect(closure('dist/main.js')).toEqual(['src/cli/main.ts']);
});

test('words are parsed, helped and refused without the checks and what they need', () => {
  const program = closure(chunkOf('src/cli/program.ts'));
  expect(program).toContain('src/plan/options.ts');
  expect(program.filter((path) => /^checks\/|^src\/facts\/|node_modules/.test(path))).toEqual([]);
});

test('a check loads neither the interface nor what only some runs need', () => {
  const check = closure(chunkOf('src/cli/commands/check.ts'));
  expect(check).toContain('checks/index.ts');
  const heavy =
    /node_modules\/(?:ink|react|yoga-layout|systeminformation|yaml)\/|^src\/(?:tui|plugins)\/|^checks\/pages|\.md$/;
  expect(check.filter((path) => heavy.test(path))).toEqual([]);
});
