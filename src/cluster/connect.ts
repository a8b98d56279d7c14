import type { System } from '../system/system.ts';
import type { Access } from './access.ts';
import { inClusterAccess } from './in-cluster.ts';
import { kubeconfigAccess } from './kubeconfig.ts';

/** In place of a file: as the service account of the pod that this runs in. */
const IN_CLUSTER = 'in-cluster';

/** How a cluster is reached, by what the user said as --kubeconfig. Nothing is sent. Throws a SystemError that says what is wrong with it. */
export function accessOf(system: System, said: string): Promise<Access> {
  return said === IN_CLUSTER ? inClusterAccess(system) : kubeconfigAccess(system, said);
}
