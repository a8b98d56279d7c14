/** Runs the program from its sources, without a bundle: `npm run dev -- check --only kernel --root DIR`. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };

const asModule = (source: string) => ({ format: 'module', shortCircuit: true, source }) as const;
registerHooks({
  load: (url, context, next) => {
    const text = () => readFileSync(fileURLToPath(url), 'utf8');
    if (url.endsWith('.md')) return asModule(`export default ${JSON.stringify(text())};`);
    // Node strips types, and knows no JSX.
    if (url.endsWith('.tsx')) return asModule(transformSync(text(), { loader: 'tsx', jsx: 'automatic' }).code);
    return next(url, context);
  },
});
Object.assign(globalThis, { SEAWORTHY_VERSION: manifest.version });
await import('../src/cli/start.ts');
