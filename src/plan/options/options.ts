import { CHECK_OPTIONS } from './checks.ts';
import { CLUSTER_OPTIONS } from './cluster.ts';
import { JOINING_OPTIONS } from './joining.ts';
import { KUBEADM_OPTIONS } from './kubeadm.ts';
import { NODE_OPTIONS } from './node.ts';
import { PACE_OPTIONS } from './pace.ts';
import { PEER_OPTIONS } from './peers.ts';
import { REPORT_OPTIONS } from './report.ts';
import { SERVING_OPTIONS } from './serving.ts';
import { SOURCE_OPTIONS } from './sources.ts';
import { WORDING_OPTIONS } from './wording.ts';
import { flagName, type Option } from './option.ts';

/** In the order of help and of `seaworthy config`. */
export const OPTIONS: readonly Option[] = [
  ...CLUSTER_OPTIONS,
  ...NODE_OPTIONS,
  ...JOINING_OPTIONS,
  ...PEER_OPTIONS,
  ...SERVING_OPTIONS,
  ...KUBEADM_OPTIONS,
  ...CHECK_OPTIONS,
  ...REPORT_OPTIONS,
  ...PACE_OPTIONS,
  ...SOURCE_OPTIONS,
  ...WORDING_OPTIONS,
];

/** The option that a word of argv names: `--node-ip` or `-o`. */
export function optionOfFlag(flag: string): Option | null {
  return (
    OPTIONS.find(
      (each) =>
        each.sources.includes('flag') &&
        (flagName(each) === flag || (each.short !== null && `-${each.short}` === flag)),
    ) ?? null
  );
}
