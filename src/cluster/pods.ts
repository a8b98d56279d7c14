import * as z from 'zod';
import type { ClusterClient } from './client.ts';
import type { Resource } from './resource.ts';

const PODS: Resource = { group: '', version: 'v1', name: 'pods' };

/** More are read nowhere: which pods are tried needs a few of each node. */
const MOST = 20_000;
/** Of one node. */
const MOST_KEPT = 16;

/** What of a Pod is used: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
const pod = z.object({
  metadata: z.object({
    namespace: z.string(),
    name: z.string(),
    labels: z.record(z.string(), z.string()).nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
  spec: z.object({
    nodeName: z.string().nullish(),
    hostNetwork: z.boolean().nullish(),
    containers: z
      .array(
        z.object({
          ports: z.array(z.object({ containerPort: z.int(), protocol: z.string().nullish() })).nullish(),
        }),
      )
      .nullish(),
  }),
  status: z
    .object({
      podIP: z.string().nullish(),
      podIPs: z.array(z.object({ ip: z.string().nullish() })).nullish(),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
    })
    .nullish(),
});

/** A pod with a network of its own, as the API tells of it. */
interface ClusterPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly addresses: readonly string[];
  readonly ready: boolean;
  /** TCP ports that its containers declare. */
  readonly ports: readonly number[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface ClusterPods {
  /** At most 16 of each node; those that answer DNS first, then the ready ones with ports. */
  readonly pods: readonly ClusterPod[];
  /** False where there were more than are read. */
  readonly complete: boolean;
}

/** Throws a SystemError. */
export async function listPods(client: ClusterClient, signal: AbortSignal): Promise<ClusterPods> {
  const { items, complete } = await client.list(PODS, pod.transform(ownNetwork), { signal, most: MOST });
  const own = items.flatMap((item) => item ?? []);
  const byNode = Map.groupBy(own, ({ node }) => node);
  const pods = [...byNode.values()].flatMap((each) => each.toSorted((a, b) => rank(a) - rank(b)).slice(0, MOST_KEPT));
  return { pods, complete };
}

/** Null for one in the network of its node, and one that is no longer or not yet anywhere. */
function ownNetwork({ metadata, spec, status }: z.infer<typeof pod>): ClusterPod | null {
  const { nodeName, hostNetwork, containers } = spec;
  const addresses = (status?.podIPs ?? [{ ip: status?.podIP }]).flatMap(({ ip }) =>
    ip == null || ip === '' ? [] : [ip],
  );
  if (nodeName == null || hostNetwork === true || addresses.length === 0 || metadata.deletionTimestamp != null)
    return null;
  const ports = (containers ?? []).flatMap(({ ports: declared }) =>
    (declared ?? []).flatMap(({ containerPort, protocol }) => ((protocol ?? 'TCP') === 'TCP' ? [containerPort] : [])),
  );
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    node: nodeName,
    addresses,
    ready: (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    ports: [...new Set(ports)].slice(0, 16),
    labels: metadata.labels ?? {},
  };
}

/** CoreDNS listens on TCP 53 in every cluster, and its label is that of its predecessor. */
function rank({ labels, ready, ports }: ClusterPod): number {
  if (!ready) return 3;
  if (ports.length === 0) return 2;
  return labels['k8s-app'] === 'kube-dns' ? 0 : 1;
}
