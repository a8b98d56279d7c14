/**
 * Bundles the program into dist/: one script with its code cache, another one for what runs inside of pods, and beside them, as chunks of their own, the UI,
 * the pages and what only some runs need. `meta.json` tells what went where; a test reads it. The schemas that the program prints and the manual page are files there too.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import * as z from 'zod';
import manifest from '../package.json' with { type: 'json' };
import { SCHEMAS } from '../src/cli/command-line/command.ts';
import { rulesSchema } from '../src/plugins/rules/rules-schema.ts';
import { buildDate } from './build-date.ts';
import { bundledPackages } from './bundled-packages.ts';
import { makeCodeCache } from './code-cache.ts';
import { licensesChunk } from './licenses.ts';
import { manPage } from './man-page.ts';
import { readOutputs } from './metafile.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

/** Loaded by `import()` where they are needed, and by nothing else. */
const LAZY: Readonly<Record<string, string>> = {
  // Its entry for Node is CommonJS, of which a dynamic import in a bundle would have no names.
  yaml: join(ROOT, 'node_modules/yaml/browser/index.js'),
  systeminformation: 'systeminformation',
  pages: join(ROOT, 'checks/pages.ts'),
  tui: join(ROOT, 'src/tui/open.tsx'),
};

/** How imports of those that are ours end. The last is known when all else is bundled. */
const OWN: Readonly<Record<string, string>> = {
  pages: '/checks/pages.ts',
  tui: '/tui/open.tsx',
  licenses: '/licenses.ts',
};

const shared: BuildOptions = {
  absWorkingDir: ROOT,
  outdir: DIST,
  bundle: true,
  platform: 'node',
  target: 'node22',
  minify: true,
  metafile: true,
  legalComments: 'none',
  loader: { '.md': 'text' },
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    SEAWORTHY_VERSION: JSON.stringify(manifest.version),
  },
  logLevel: 'warning',
};

const lazyChunks: Plugin = {
  name: 'lazy-chunks',
  setup: (bundler) => {
    bundler.onResolve({ filter: /.*/ }, ({ path, kind }) => {
      const [name = path] = Object.keys(OWN).filter((each) => path.endsWith(OWN[each] ?? ''));
      return kind === 'dynamic-import' && (name in LAZY || name in OWN)
        ? { path: `./${name}.js`, external: true }
        : null;
    });
  },
};

/** Ink can be looked at by tools of React that we do not have; nothing asks for it here. */
const withoutDevtools: Plugin = {
  name: 'without-devtools',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^\.\/devtools\.js$/ }, ({ path, importer }) =>
      importer.includes('/node_modules/ink/') ? { path, external: true } : null,
    );
  },
};

const REQUIRE = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

// While it is not there nobody starts a program of which a part is missing: it goes first and comes when all that it loads is there.
const MAIN = join(DIST, 'main.js');
rmSync(MAIN, { force: true });
rmSync(DIST, { recursive: true, force: true });
const built = await Promise.all([
  build({
    ...shared,
    format: 'cjs',
    entryPoints: { program: 'src/cli/start.ts', 'pod-agent': 'src/cli/pod-agent.ts' },
    outExtension: { '.js': '.cjs' },
    plugins: [lazyChunks],
    define: { ...shared.define, 'import.meta.url': '__url' },
    // An expression: the script's value is the function that runs it.
    banner: { js: '(function(require,__url){var module={exports:{}},exports=module.exports;' },
    footer: { js: '})' },
  }),
  build({ ...shared, format: 'esm', entryPoints: { main: 'tools/bundle-main.ts' }, write: false }),
  build({
    ...shared,
    format: 'esm',
    entryPoints: LAZY,
    banner: { js: REQUIRE },
    plugins: [withoutDevtools],
    // Ink's layout engine would fetch() the WebAssembly that it carries: Node loads for 30 ms what that takes, and decoding it here costs nothing.
    define: { ...shared.define, fetch: 'undefined' },
  }),
  // Plugins are given the whole of zod; in the program itself every run would load that.
  build({
    ...shared,
    format: 'esm',
    entryPoints: { plugin: 'src/plugins/api.ts' },
    plugins: [lazyChunks],
    banner: { js: REQUIRE },
  }),
]);
const outputs = Object.assign({}, ...built.map(({ metafile }) => metafile?.outputs ?? {}));
writeFileSync(join(DIST, 'meta.json'), JSON.stringify({ outputs }));
writeFileSync(join(DIST, 'licenses.js'), licensesChunk(bundledPackages(readOutputs())));
/** What somebody configured for real runs has no say in a build. */
const NOTHING = join(DIST, 'empty.yaml');
writeFileSync(NOTHING, '');
makeCodeCache(DIST, ['--config', NOTHING], unconfigured());
for (const { path, contents } of built.flatMap(({ outputFiles }) => outputFiles ?? [])) writeFileSync(path, contents);
writeSchemas();
rmSync(NOTHING);
writeManPage();
execFileSync('tsc', ['-p', join(ROOT, 'tools/tsconfig.types.json')], { stdio: 'inherit' });

/** As the program prints them, and that of files of rules. */
function writeSchemas(): void {
  mkdirSync(join(DIST, 'schema'));
  for (const name of SCHEMAS) {
    const text = execFileSync(process.execPath, [join(DIST, 'main.js'), 'schema', name, '--config', NOTHING], {
      env: unconfigured(),
    });
    writeFileSync(join(DIST, 'schema', `${name}.json`), text);
  }
  // Files of rules are for editors: no command prints their schema.
  const rules = z.toJSONSchema(rulesSchema(), { io: 'input' });
  writeFileSync(join(DIST, 'schema/rules.json'), `${JSON.stringify(rules, null, 2)}\n`);
}

function writeManPage(): void {
  mkdirSync(join(DIST, 'man'));
  writeFileSync(
    join(DIST, 'man/seaworthy.1'),
    manPage({ version: manifest.version, date: buildDate().toISOString().slice(0, 'YYYY-MM-DD'.length) }),
  );
}

function unconfigured(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SEAWORTHY_')));
}
