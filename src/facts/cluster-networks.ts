import * as z from 'zod';
import { defineFact } from './define-fact.ts';
import { CLUSTER_ATTEMPTS, fromCluster } from './from-cluster.ts';

const schema = () =>
  z
    .object({
      version: z.string().describe('of the API server, with the v; empty where it was built without one'),
      apiServerIps: z.array(z.string()).describe('addresses of the Service kubernetes'),
      serviceCidrs: z
        .array(z.string())
        .describe('networks of the Services, by ServiceCIDR objects or by kubeadm-config'),
      podCidrs: z.array(z.string()).describe('networks of all pods, by kubeadm-config'),
      controlPlaneEndpoint: z.string().nullable().describe('HOST:PORT, by kubeadm-config'),
      unread: z.array(z.string()).describe('what of it this user may not read, as sentences'),
    })
    .nullable()
    .describe('null when the plan names no cluster');

export default defineFact({
  title: 'version and networks of the cluster, as its API tells of them',
  of: 'cluster',
  attempts: CLUSTER_ATTEMPTS,
  schema,
  read: (system, context) =>
    fromCluster(system, context, async (client, signal) =>
      (await import('../cluster/networks.ts')).readNetworks(client, signal),
    ),
});
