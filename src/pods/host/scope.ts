import type { NetworkList } from '../../kubernetes/cni/config-list.ts';

/** Which part of a host is looked at. */
export interface Scope {
  readonly network: NetworkList;
  /** Where plugins are. */
  readonly binDirs: readonly string[];
  /** Those of our pods. */
  readonly containerIds: readonly string[];
}
