/** Runs the program from its sources, without a bundle: `npm run dev -- check --only kernel --root DIR`. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import manifest from '../package.json' with { type: 'json' };

registerHooks({
  load: (url, context, next) =>
    url.endsWith('.md')
      ? {
          format: 'module',
          shortCircuit: true,
          source: `export default ${JSON.stringify(readFileSync(fileURLToPath(url), 'utf8'))};`,
        }
      : next(url, context),
});
Object.assign(globalThis, { SEAWORTHY_VERSION: manifest.version });
await import('../src/cli/start.ts');
