/** Bundles the program into dist/. The UI, the pages and everything that a plain `check` does not use are chunks of their own. */
import { rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

const shared: BuildOptions = {
  absWorkingDir: ROOT,
  outdir: DIST,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minify: true,
  legalComments: 'none',
  loader: { '.md': 'text' },
  // Its entry for Node is CommonJS, of which a dynamic import in a bundle would have no names.
  alias: { yaml: join(ROOT, 'node_modules/yaml/browser/index.js') },
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    SEAWORTHY_VERSION: JSON.stringify(manifest.version),
  },
  // Some bundled CommonJS modules call require for Node's own modules.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  logLevel: 'warning',
};

rmSync(DIST, { recursive: true, force: true });
const { metafile } = await build({
  ...shared,
  entryPoints: { main: 'src/cli/main.ts' },
  splitting: true,
  metafile: true,
});
// Apart: plugins are given the whole of zod, and in a shared chunk every run would load it.
await build({ ...shared, entryPoints: { plugin: 'src/plugins/api.ts' } });
writeFileSync(join(DIST, 'meta.json'), JSON.stringify(metafile));
execFileSync('tsc', ['-p', join(ROOT, 'tools/tsconfig.types.json')], { stdio: 'inherit' });
