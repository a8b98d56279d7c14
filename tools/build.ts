/** Bundles the program into dist/. The UI, the pages and everything that a plain `check` does not use are chunks of their own. */
import { rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

rmSync(DIST, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: { main: 'src/cli/main.ts', plugin: 'src/plugins/api.ts' },
  outdir: DIST,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minify: true,
  // A name in a stack or in `error.name` says more than a letter does.
  keepNames: false,
  legalComments: 'none',
  loader: { '.md': 'text' },
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    SEAWORTHY_VERSION: JSON.stringify(manifest.version),
  },
  // Some bundled CommonJS modules call require for Node's own modules.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  metafile: true,
  logLevel: 'warning',
});
writeFileSync(join(DIST, 'meta.json'), JSON.stringify(metafile));
execFileSync('tsc', ['-p', join(ROOT, 'tools/tsconfig.types.json')], { stdio: 'inherit' });
