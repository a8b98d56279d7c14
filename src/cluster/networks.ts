import * as z from 'zod';
import { SystemError } from '../system/system.ts';
import { parseYaml } from '../values/yaml.ts';
import type { ClusterClient } from './client.ts';
import type { Resource } from './resource.ts';

/** Objects of the allocator of Service addresses: there from Kubernetes 1.33 on, before that behind a feature gate. https://kubernetes.io/docs/reference/networking/virtual-ips/#ip-address-ranges */
const SERVICE_CIDRS: Resource = { group: 'networking.k8s.io', version: 'v1', name: 'servicecidrs' };
const SERVICES: Resource = { group: '', version: 'v1', name: 'services' };
const CONFIG_MAPS: Resource = { group: '', version: 'v1', name: 'configmaps' };

/** What a component says that was built outside a checkout of its repository: `v0.0.0-master+$Format:%H$`. */
const UNVERSIONED = /^v0\.0\./;
const versionAnswer = z.object({ gitVersion: z.string() });
const serviceCidr = z.object({ spec: z.object({ cidrs: z.array(z.string()) }) });
const kubernetesService = z.object({
  spec: z.object({ clusterIP: z.string().nullish(), clusterIPs: z.array(z.string()).nullish() }),
});
const configMap = z.object({ data: z.record(z.string(), z.string()).nullish() });
const clusterConfiguration = z.object({
  controlPlaneEndpoint: z.string().nullish(),
  networking: z.object({ podSubnet: z.string().nullish(), serviceSubnet: z.string().nullish() }).nullish(),
});

/** What the API tells of a cluster as a whole. */
export interface ClusterNetworks {
  /** Of the API server: `v1.36.2`. */
  readonly version: string;
  /** Of the Service `kubernetes`, the first of its network; none where it could not be read. */
  readonly apiServerIps: readonly string[];
  readonly serviceCidrs: readonly string[];
  /** Of the cluster; what each node has of it, nodes tell. */
  readonly podCidrs: readonly string[];
  readonly controlPlaneEndpoint: string | null;
  /** What could not be read, and so is missing above, as sentences. */
  readonly unread: readonly string[];
}

/** What is not there, or not for this user, is left out: each cluster tells of its networks in other places. Throws a SystemError. */
export async function readNetworks(client: ClusterClient, signal: AbortSignal): Promise<ClusterNetworks> {
  const unread: string[] = [];
  const ifAllowed = async <T>(reading: Promise<T>): Promise<T | null> => {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof SystemError) || (error.why !== 'denied' && error.why !== 'missing')) throw error;
      if (error.why === 'denied') unread.push(error.message);
      return null;
    }
  };
  const [{ gitVersion }, ranges, service, config] = await Promise.all([
    client.document('/version', versionAnswer, signal),
    ifAllowed(client.list(SERVICE_CIDRS, serviceCidr, { signal, most: 100 })),
    ifAllowed(client.object(SERVICES, 'default', 'kubernetes', kubernetesService, signal)),
    ifAllowed(client.object(CONFIG_MAPS, 'kube-system', 'kubeadm-config', configMap, signal)),
  ]);
  const kubeadm = await clusterConfigurationOf(config?.data?.['ClusterConfiguration'] ?? null);
  const { clusterIP, clusterIPs } = service?.spec ?? {};
  const listed = (ranges?.items ?? []).flatMap(({ spec }) => spec.cidrs);
  return {
    version: UNVERSIONED.test(gitVersion) ? '' : gitVersion,
    apiServerIps: clusterIPs ?? (clusterIP == null || clusterIP === '' ? [] : [clusterIP]),
    serviceCidrs: listed.length > 0 ? listed : split(kubeadm?.networking?.serviceSubnet),
    podCidrs: split(kubeadm?.networking?.podSubnet),
    controlPlaneEndpoint: kubeadm?.controlPlaneEndpoint ?? null,
    unread: unread.toSorted(),
  };
}

/** https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/#save-the-kubeadm-clusterconfiguration-in-a-configmap-for-later-reference */
async function clusterConfigurationOf(text: string | null) {
  const parsed = clusterConfiguration.safeParse(text === null ? null : (await parseYaml(text))?.document);
  return parsed.success ? parsed.data : null;
}

/** Of dual stack there are two, with a comma between. */
function split(text: string | null | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
