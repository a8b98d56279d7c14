// The executable's way in: what the bundle has in files is inside of it.
import { runProgram, scriptOf } from '../run-program.ts';

/** Where chunks seem to be: no file can be below a file, so that nothing of the machine is ever taken for one of them. */
const INSIDE = 'file:///proc/self/exe/';

const argv = process.argv.slice(2);

if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.write(`seaworthy ${SEAWORTHY_VERSION}\n`);
} else {
  // Not imported above: --version needs neither.
  const { getAssetKeys, getRawAsset } = process.getBuiltinModule('node:sea');
  const { registerHooks } = process.getBuiltinModule('node:module');
  const asset = (name: string) => Buffer.from(getRawAsset(name));
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('./') && context.parentURL?.startsWith(INSIDE) === true
        ? { url: INSIDE + specifier.slice('./'.length), shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      url.startsWith(INSIDE)
        ? { format: 'module', source: asset(url.slice(INSIDE.length)), shortCircuit: true }
        : next(url, context),
  });
  // esbuild writes nothing but ASCII, which is quicker to take for Latin-1. A cache for another processor could not be made.
  const name = scriptOf(argv);
  const cache = getAssetKeys().includes(`${name}.cache`) ? asset(`${name}.cache`) : undefined;
  runProgram(asset(`${name}.cjs`).toString('latin1'), cache, new URL(`${name}.cjs`, INSIDE));
}
