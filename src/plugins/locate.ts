import * as nodeModule from 'node:module';
import * as path from 'node:path';
import type { System } from '../system/system.ts';

/** The file that a SPEC names: a path, or an npm package installed where the SPEC was written or above it. */
export async function locate(spec: string, from: string, system: System): Promise<string> {
  const file = isPath(spec) ? path.resolve(from, spec) : packageFile(spec, from);
  const status = await system.status(file);
  if (status === null) throw new Error(`there is no file ${file}`);
  if (status.kind !== 'file') throw new Error(`${file} is a ${status.kind}, not a file`);
  return file;
}

function isPath(spec: string): boolean {
  return /^\.{0,2}\//.test(spec) || /\.(?:[cm]?[jt]s|ya?ml)$/.test(spec);
}

/** As `import` would find it: a package may have no entry for `require`. */
function packageFile(name: string, from: string): string {
  const conditions = addHook((specifier, context, next) =>
    next(specifier, { ...context, conditions: ['node', 'import', 'default'] }),
  );
  try {
    const found = nodeModule.createRequire(path.join(from, 'seaworthy.yaml')).resolve(name);
    if (!path.isAbsolute(found)) throw new Error(`${name} is a part of Node, not a plugin`);
    return found;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      throw new Error(`no package ${name} is installed in ${from} or above it`, { cause: error });
    }
    throw error;
  } finally {
    conditions.deregister();
  }
}

/** `import 'seaworthy/plugin'` means this program, wherever the plugin lies and whatever is installed beside it. */
export function provideApi(): void {
  if (provided) return;
  // The bundle has it beside this chunk; in the sources it is a module of this directory.
  const api = new URL(import.meta.url.endsWith('.ts') ? './api.ts' : './plugin.js', import.meta.url).href;
  addHook((specifier, context, next) =>
    specifier === 'seaworthy/plugin' ? { url: api, shortCircuit: true } : next(specifier, context),
  );
  provided = true;
}

function addHook(resolve: nodeModule.ResolveHookSync): nodeModule.ModuleHooks {
  // A named import of what an older Node lacks would end the program instead.
  if (!('registerHooks' in nodeModule)) throw new Error('plugins need Node 22.15 or newer');
  return nodeModule.registerHooks({ resolve });
}

let provided = false;
