import { chooseForContainerd, chooseForCrio, type Choice } from '../kubernetes/cni/choose.ts';
import type { NetworkList } from '../kubernetes/cni/config-list.ts';
import type { RuntimeName } from '../kubernetes/cri.ts';
import type { System } from '../system/system.ts';
import { loadConfDir } from './load.ts';

/** Where the runtime of this node looks for networks, and by which rules. */
export interface NetworkPlaces {
  readonly runtime: RuntimeName | null;
  readonly confDir: string;
  readonly maxConfNum: number;
  readonly defaultNetwork: string | null;
}

/** `file` of an outcome without a network is the one that is to blame, where there is one. */
export type ChosenNetwork = { readonly outcome: Choice['outcome'] } & (
  { readonly file: string; readonly network: NetworkList } | { readonly file: string | null; readonly network: null }
);

/** The chain that the runtime of this node takes; containerd's rules where the runtime is not known, as kubeadm's default. */
export async function chosenNetwork(
  system: System,
  { runtime, confDir, maxConfNum, defaultNetwork }: NetworkPlaces,
): Promise<ChosenNetwork> {
  const files = await loadConfDir(system, confDir);
  const crio = runtime === 'cri-o' || runtime === 'cri-dockerd';
  const { outcome, file } = crio ? chooseForCrio(files, defaultNetwork) : chooseForContainerd(files, maxConfNum);
  const chosen = files.find(({ name }) => outcome === 'wins' && name === file);
  return chosen?.state === 'valid'
    ? { outcome, file: chosen.name, network: chosen.network }
    : { outcome, file, network: null };
}
