import type { SavedPlan } from '../../evidence/schema.ts';
import { savedPlanSchema } from '../../plan/saved-plan-schema.ts';

/**
 * What a coordinator may say here: what its cluster is like. Who this machine is, its files and its sockets are told by its own settings alone:
 * nobody from outside has it read a path or connect to a socket.
 */
export function clusterPlan(said: SavedPlan): SavedPlan {
  return (schema ??= makeSchema()).parse(said);
}

let schema: ReturnType<typeof makeSchema> | null = null;

function makeSchema() {
  return savedPlanSchema().pick({
    kubernetesVersion: true,
    cni: true,
    podCidr: true,
    serviceCidr: true,
    nodePortRange: true,
    apiServerPort: true,
    etcd: true,
    proxyMode: true,
    controlPlaneEndpoint: true,
  });
}
