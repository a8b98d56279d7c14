import * as z from 'zod';
import { defineFact } from './define-fact.ts';
import { CLUSTER_ATTEMPTS, fromCluster } from './from-cluster.ts';

const schema = () =>
  z
    .object({
      pods: z
        .array(
          z.object({
            namespace: z.string().describe('it is in'),
            name: z.string().describe('of the Pod'),
            node: z.string().describe('name of the Node that it runs on'),
            addresses: z.array(z.string()).describe('its own'),
            ready: z.boolean().describe('its condition Ready is True'),
            ports: z.array(z.number()).describe('TCP ports that its containers declare'),
            labels: z.record(z.string(), z.string()).describe('by which policies select it'),
          }),
        )
        .describe('with a network of their own; at most 16 of each node'),
      complete: z.boolean().describe('false where there are more pods than are read'),
    })
    .nullable()
    .describe('null when the plan names no cluster');

export default defineFact({
  title: 'pods of the cluster, as its API tells of them',
  of: 'cluster',
  attempts: CLUSTER_ATTEMPTS,
  schema,
  read: (system, context) =>
    fromCluster(system, context, async (client, signal) =>
      (await import('../cluster/pods.ts')).listPods(client, signal),
    ),
});
