import * as z from 'zod';
import { SystemError } from '../system/system.ts';
import type { ClusterClient } from './client.ts';
import type { Resource } from './resource.ts';

const NODES: Resource = { group: '', version: 'v1', name: 'nodes' };

/** Kubernetes is tested up to 5,000 nodes: https://kubernetes.io/docs/setup/best-practices/cluster-large/ */
const MOST = 10_000;

/** What of a Node is used: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/ */
const node = z.object({
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
  spec: z
    .object({
      podCIDR: z.string().nullish(),
      podCIDRs: z.array(z.string()).nullish(),
      unschedulable: z.boolean().nullish(),
    })
    .nullish(),
  status: z
    .object({
      addresses: z.array(z.object({ type: z.string(), address: z.string() })).nullish(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().nullish(),
            message: z.string().nullish(),
          }),
        )
        .nullish(),
      nodeInfo: z.object({ kubeletVersion: z.string().nullish(), machineID: z.string().nullish() }).nullish(),
    })
    .nullish(),
});

const ROLE_LABEL = 'node-role.kubernetes.io/';

/** A node as the API tells of it. */
export interface ClusterNode {
  readonly name: string;
  /** By its labels: `control-plane`, `master` of versions before 1.24. */
  readonly roles: readonly string[];
  readonly internalIps: readonly string[];
  readonly podCidrs: readonly string[];
  /** The condition Ready: `True`, `False`, `Unknown`; null where there is none yet. */
  readonly ready: string | null;
  /** Why it is not, in the words of the kubelet or the node controller. */
  readonly readyWhy: string | null;
  readonly kubeletVersion: string | null;
  readonly machineId: string | null;
  readonly deleting: boolean;
}

/** All of them: one that is missing here would be none of the cluster. Throws a SystemError. */
export async function listNodes(client: ClusterClient, signal: AbortSignal): Promise<readonly ClusterNode[]> {
  const { items, complete } = await client.list(NODES, node.transform(clusterNode), { signal, most: MOST });
  if (!complete)
    throw new SystemError('error', `${client.server.origin} tells of nodes without end`, 'nodes-without-end');
  return items;
}

function clusterNode({ metadata, spec, status }: z.infer<typeof node>): ClusterNode {
  const { podCIDR, podCIDRs } = spec ?? {};
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const why = [ready?.reason, ready?.message].filter((text) => text != null && text !== '').join(': ');
  return {
    name: metadata.name,
    roles: Object.keys(metadata.labels ?? {})
      .filter((label) => label.startsWith(ROLE_LABEL))
      .map((label) => label.slice(ROLE_LABEL.length)),
    internalIps: (status?.addresses ?? []).flatMap(({ type, address }) => (type === 'InternalIP' ? [address] : [])),
    podCidrs: podCIDRs ?? (podCIDR == null || podCIDR === '' ? [] : [podCIDR]),
    ready: ready?.status ?? null,
    readyWhy: ready?.status === 'True' || why === '' ? null : why.slice(0, 300),
    kubeletVersion: status?.nodeInfo?.kubeletVersion ?? null,
    machineId: status?.nodeInfo?.machineID ?? null,
    deleting: metadata.deletionTimestamp != null,
  };
}
