import { chainPrograms } from '../../cni/chain-programs.ts';
import type { Chain } from '../../cni/running.ts';
import { chosenNetwork } from '../../cni/chosen-network.ts';
import { findPlugin } from '../../cni/find-plugin.ts';
import { LOOPBACK_NETWORK } from '../../cni/loopback.ts';
import { NEEDS_REAL_POD } from '../../kubernetes/cni.ts';
import type { System } from '../../system/system.ts';
import { writableByOthers } from '../../system/trust.ts';
import type { Why } from '../no-pods.ts';
import type { Places } from '../opened-pods.ts';

/** What is run for a pod, in this order. */
export interface RunnableChain {
  /** The path of its configuration. */
  readonly file: string;
  /** Null where the runtime needs no plugin for it, or has none. */
  readonly loopback: Chain | null;
  readonly chain: Chain;
}

/** The chain that the runtime takes, or why it cannot be run for pods that no cluster knows. Throws a SystemError. */
export async function runnableChain(
  system: System,
  places: Places,
): Promise<RunnableChain | { readonly why: Why; readonly detail: string }> {
  const { outcome, file, network } = await chosenNetwork(system, places);
  const { confDir, binDirs } = places;
  if (network === null) {
    if (outcome === 'none') return { why: 'no-network', detail: `${confDir} has no network yet` };
    const path = file === null ? confDir : `${confDir}/${file}`;
    return outcome === 'broken'
      ? { why: 'broken-network', detail: `${path} is broken, so that the runtime has no network` }
      : { why: 'error', detail: `${path} could not be read, and the network depends on it` };
  }
  const path = `${confDir}/${file}`;
  // Plugins run as root, on files and devices that it names.
  const writable = await writableByOthers(system, path, process.geteuid?.() ?? 0);
  if (writable !== null)
    return {
      why: 'denied',
      detail: `users other than root can write ${writable}, and plugins are not run as root by what it says`,
    };
  const asking = [...chainPrograms(network.plugins).keys()].find((type) => NEEDS_REAL_POD.includes(type));
  if (asking !== undefined)
    return {
      why: 'needs-real-pod',
      detail: `${asking}, a plugin of ${path}, has to be told of a pod that the cluster knows, and a throw-away one is not known`,
    };
  return { file: path, chain: { network, binDirs }, loopback: await loopbackChain(system, places) };
}

/** containerd runs a plugin for it, unless it is told to do without; CRI-O and Docker never do. */
async function loopbackChain(system: System, { runtime, binDirs, internalLoopback }: Places): Promise<Chain | null> {
  if (internalLoopback || runtime === 'cri-o' || runtime === 'cri-dockerd') return null;
  const { path } = await findPlugin(system, binDirs, 'loopback');
  return path === null ? null : { network: LOOPBACK_NETWORK, binDirs };
}
