import { DEFAULT_CNI_BIN_DIR, DEFAULT_CNI_CONF_DIR } from '../../kubernetes/cni.ts';
import type { RuntimeName } from '../../kubernetes/cri.ts';
import type { Settings } from '../../plan/settings.ts';
import type { System } from '../../system/system.ts';
import { readContainerdConfig } from './containerd-config.ts';
import { readCrioNetworkConfig } from './crio-config.ts';
import { runtimeInUse } from './endpoint.ts';

/** Where the runtime of this node looks for networks and plugins, and by which rules. */
export interface CniDirectories {
  readonly runtime: RuntimeName | null;
  /** What is judged: the runtime's own directories, unless the user named others. */
  readonly confDir: string;
  readonly binDirs: readonly string[];
  /** What the runtime's configuration says; null where it says nothing. */
  readonly runtimeConfDir: string | null;
  readonly runtimeBinDirs: readonly string[] | null;
  readonly maxConfNum: number;
  readonly internalLoopback: boolean;
  readonly defaultNetwork: string | null;
}

export async function cniDirectories(system: System, plan: Settings): Promise<CniDirectories> {
  const runtime = await runtimeInUse(system, plan);
  const containerd = runtime === 'containerd' ? await readContainerdConfig(system) : null;
  const crio = runtime === 'cri-o' ? await readCrioNetworkConfig(system) : null;
  const runtimeConfDir = clean(containerd?.confDir ?? crio?.confDir ?? null);
  const runtimeBinDirs = (containerd?.binDirs ?? crio?.binDirs)?.flatMap((path) => clean(path) ?? []) ?? null;
  return {
    runtime,
    confDir: plan.cniConfDir ?? runtimeConfDir ?? DEFAULT_CNI_CONF_DIR,
    binDirs: plan.cniBinDir === null ? (runtimeBinDirs ?? [DEFAULT_CNI_BIN_DIR]) : [plan.cniBinDir],
    runtimeConfDir,
    runtimeBinDirs,
    maxConfNum: containerd?.maxConfNum ?? 1,
    internalLoopback: containerd?.internalLoopback ?? false,
    defaultNetwork: crio?.defaultNetwork ?? null,
  };
}

/** Without a slash at the end; null for what is no absolute path. */
function clean(path: string | null): string | null {
  return path?.startsWith('/') === true ? path.replace(/(?<=.)\/+$/, '') : null;
}
