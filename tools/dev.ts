/** Runs the program from its sources, without a bundle: `npm run dev -- check --only kernel --root DIR`. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import { scriptOf } from './run-program.ts';

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
await (scriptOf(process.argv.slice(2)) === 'program'
  ? import('../src/cli/start.ts')
  : import('../src/cli/pod-agent.ts'));
