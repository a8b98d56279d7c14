import * as z from 'zod';
import { defineFact } from './define-fact.ts';
import { CLUSTER_ATTEMPTS, fromCluster } from './from-cluster.ts';

const schema = () =>
  z
    .array(
      z.object({
        name: z.string().describe('of the Node'),
        roles: z.array(z.string()).describe('by its labels node-role.kubernetes.io/…'),
        internalIps: z.array(z.string()).describe('its addresses of type InternalIP'),
        podCidrs: z.array(z.string()).describe('networks that its pods were given'),
        ready: z
          .string()
          .nullable()
          .describe('its condition Ready: True, False, Unknown; null where there is none yet'),
        readyWhy: z.string().nullable().describe('why it is not ready, as the API says it'),
        kubeletVersion: z.string().nullable().describe('as its kubelet told it, with the v'),
        machineId: z.string().nullable().describe('as its kubelet told it'),
        deleting: z.boolean().describe('it is being deleted'),
      }),
    )
    .nullable()
    .describe('null when the plan names no cluster');

export default defineFact({
  title: 'nodes of the cluster, as its API tells of them',
  of: 'cluster',
  attempts: CLUSTER_ATTEMPTS,
  schema,
  read: (system, context) =>
    fromCluster(system, context, async (client, signal) =>
      (await import('../cluster/nodes.ts')).listNodes(client, signal),
    ),
});
