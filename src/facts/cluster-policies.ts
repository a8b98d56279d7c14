import * as z from 'zod';
import { defineFact } from './define-fact.ts';
import { CLUSTER_ATTEMPTS, fromCluster } from './from-cluster.ts';

const schema = () =>
  z
    .object({
      policies: z
        .array(
          z.object({
            namespace: z.string().describe('whose pods it selects'),
            name: z.string().describe('of the NetworkPolicy'),
            matchLabels: z.record(z.string(), z.string()).describe('of its podSelector'),
            matchExpressions: z
              .array(
                z.object({
                  key: z.string().describe('of the label'),
                  operator: z.string().describe('In, NotIn, Exists, DoesNotExist'),
                  values: z.array(z.string()).describe('of In and NotIn'),
                }),
              )
              .describe('of its podSelector'),
            ingress: z.boolean().describe('it is about what comes to the pods'),
            egress: z.boolean().describe('it is about what leaves the pods'),
          }),
        )
        .describe('NetworkPolicies of all namespaces'),
      others: z
        .array(z.string())
        .describe('kinds of policies of network add-ons of which there are some, or that may not be read'),
      complete: z.boolean().describe('false where there are more than are read'),
    })
    .nullable()
    .describe('null when the plan names no cluster');

export default defineFact({
  title: 'network policies of the cluster, as its API tells of them',
  of: 'cluster',
  attempts: CLUSTER_ATTEMPTS,
  schema,
  read: (system, context) =>
    fromCluster(system, context, async (client, signal) =>
      (await import('../cluster/policies.ts')).listPolicies(client, signal),
    ),
});
