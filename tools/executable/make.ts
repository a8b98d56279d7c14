import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import manifest from '../../package.json' with { type: 'json' };
import { bundledPackages } from '../bundled-packages.ts';
import { licensesChunk } from '../licenses.ts';
import { readOutputs } from '../metafile.ts';
import { SCRIPTS } from '../run-program.ts';
import { embed } from './embed.ts';
import type { PinnedNode } from './pinned-node.ts';

const ROOT = join(import.meta.dirname, '../..');

/**
 * The bundle in dist as one file: a single executable application of Node. What the bundle has in files is inside of it, with a way in of its own and
 * Node's licence. Throws an Error.
 */
export async function makeExecutable(node: PinnedNode): Promise<Buffer> {
  if (process.versions.node !== node.version) {
    throw new Error(`Node ${node.version} reads what Node ${node.version} wrote: run it as npm run build:exe`);
  }
  for (const name of SCRIPTS) requireAscii(readFileSync(join(ROOT, `dist/${name}.cjs`), 'utf8'));
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-exe-'));
  try {
    const main = join(directory, 'main.cjs');
    await bundleMain(main);
    const licenses = join(directory, 'licenses.js');
    writeFileSync(licenses, licensesChunk([...bundledPackages(readOutputs()), node]));
    return embed(node.program, writeBlob(directory, main, [...chunks(node), licenses]));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function bundleMain(outfile: string): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['tools/executable/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
    define: { SEAWORTHY_VERSION: JSON.stringify(manifest.version) },
    logLevel: 'warning',
  });
}

/** The scripts and what they load where they need it: all that was bundled but the bundle's own way in. */
function chunks({ architecture }: PinnedNode): string[] {
  const files = Object.keys(readOutputs()).filter((file) => file !== 'dist/main.js');
  // A code cache is for the processor alone that it was made on.
  const caches = architecture === process.arch ? SCRIPTS.map((name) => `dist/${name}.cache`) : [];
  return [...files, ...caches].map((file) => join(ROOT, file));
}

/**
 * The executable takes its scripts for Latin-1: anything beyond ASCII would be other characters there, and the code cache refused. esbuild escapes it
 * everywhere but in a regular expression. Throws an Error.
 */
function requireAscii(script: string): void {
  const [beyond] = /[^\0-\x7f].{0,40}/.exec(script) ?? [];
  if (beyond !== undefined) throw new Error(`beyond ASCII in a regular expression, where \\u has to stand: ${beyond}`);
}

/** What Node's documentation calls the preparation blob. */
function writeBlob(directory: string, main: string, assets: readonly string[]): Buffer {
  const configuration = join(directory, 'sea.json');
  const output = join(directory, 'blob');
  writeFileSync(
    configuration,
    JSON.stringify({
      main,
      output,
      assets: Object.fromEntries(assets.map((file) => [basename(file), file])),
      disableExperimentalSEAWarning: true,
      // It is a program, and no interpreter: NODE_OPTIONS, which somebody set for others, have no say.
      execArgvExtension: 'none',
    }),
  );
  execFileSync(process.execPath, ['--experimental-sea-config', configuration], { stdio: 'pipe' });
  return readFileSync(output);
}
