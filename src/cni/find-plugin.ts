import { isPluginType } from '../kubernetes/cni/config-list.ts';
import type { FileStatus, System } from '../system/system.ts';

export type FoundPlugin =
  | { readonly path: string; readonly status: FileStatus }
  /** Something of this name is there, and it is no regular file. */
  | { readonly path: null; readonly other: string | null };

/** The first regular file of this name in the plugin directories, as libcni looks for it. */
export async function findPlugin(
  system: Pick<System, 'status'>,
  directories: readonly string[],
  type: string,
): Promise<FoundPlugin> {
  let other: string | null = null;
  if (!isPluginType(type)) return { path: null, other };
  for (const directory of directories) {
    const path = `${directory}/${type}`;
    const status = await system.status(path);
    if (status?.kind === 'file') return { path, status };
    if (status !== null) other ??= `${path} is a ${status.kind}`;
  }
  return { path: null, other };
}
