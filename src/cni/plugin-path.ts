import type { PluginConfig } from '../kubernetes/cni/config-list.ts';
import type { System } from '../system/system.ts';
import { writableByOthers } from '../system/trust.ts';
import { callableTypes } from './chain-programs.ts';
import { findPlugin } from './find-plugin.ts';
import { failed, type StepResult } from './plugin-failure.ts';

export type Files = Pick<System, 'status' | 'readLink'>;

/**
 * The program of a plugin, if it may be run. Whoever can write it, a directory in which plugins look for one another, or a program that it
 * may call, would have a program of his run as the user of this one. Throws a SystemError.
 */
export async function pluginPath(
  system: Files,
  binDirs: readonly string[],
  type: string,
  caller: PluginConfig | null = null,
): Promise<StepResult<string>> {
  const found = await findPlugin(system, binDirs, type);
  if (found.path === null)
    return failed(type, 'missing', found.other ?? `no such program in ${binDirs.join(', ') || 'any directory'}`);
  if ((found.status.mode & 0o111) === 0) return failed(type, 'not-executable', `${found.path} is not executable`);
  const called = caller === null ? [] : await calledBy(system, binDirs, caller);
  for (const path of [...binDirs, found.path, ...called]) {
    const writable = await writableByOthers(system, path, process.geteuid?.() ?? 0);
    if (writable !== null) return failed(type, 'refused', `not run: users other than root can write ${writable}`);
  }
  return { ok: true, value: found.path };
}

async function calledBy(system: Files, binDirs: readonly string[], caller: PluginConfig): Promise<string[]> {
  const paths: string[] = [];
  for (const type of callableTypes(caller)) {
    const { path } = await findPlugin(system, binDirs, type);
    if (path !== null) paths.push(path);
  }
  return paths;
}
