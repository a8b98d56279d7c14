/** Container runtimes and their interface (CRI), as data. */
export type RuntimeName = 'containerd' | 'cri-o' | 'cri-dockerd';

/** The sockets that kubeadm knows (cmd/kubeadm/app/constants), without the link /var/run. */
export const KNOWN_SOCKETS: readonly { readonly path: string; readonly runtime: RuntimeName }[] = [
  { path: '/run/containerd/containerd.sock', runtime: 'containerd' },
  { path: '/run/crio/crio.sock', runtime: 'cri-o' },
  { path: '/run/cri-dockerd.sock', runtime: 'cri-dockerd' },
];

/** The runtime behind a socket, by the name that its package gives it; null when the name does not tell. */
export function runtimeOfSocket(path: string): RuntimeName | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.includes('cri-dockerd')) return 'cri-dockerd';
  if (name.includes('crio')) return 'cri-o';
  return name.includes('containerd') ? 'containerd' : null;
}

/** `unix:///run/x.sock` and `/run/x.sock` are the same; null for what is no Unix socket. */
export function socketPath(endpoint: string): string | null {
  const path = endpoint.startsWith('unix://') ? endpoint.slice('unix://'.length) : endpoint;
  return path.startsWith('/') ? path : null;
}

/** Names of containerd's plugins that are the CRI: 1.x has one, 2.x has three. */
export const CONTAINERD_CRI_PLUGINS: readonly string[] = [
  'cri',
  'io.containerd.grpc.v1.cri',
  'io.containerd.cri.v1.runtime',
  'io.containerd.cri.v1.images',
];

/** Kubelets from this minor on speak CRI v1 alone: https://kubernetes.io/blog/2022/12/09/kubernetes-v1-26-release/ */
export const CRI_V1_ONLY = '1.26';

/**
 * From this minor on the kubelet takes the cgroup driver from a runtime that tells it (KubeletCgroupDriverFromCRI, on by default):
 * https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/
 */
export const CGROUP_DRIVER_FROM_CRI = '1.31';

/** From this minor on kubeadm warns about a runtime that does not tell it (kubernetes/kubernetes#134906). */
export const RUNTIME_CONFIG_EXPECTED = '1.35';

/** kubeadm's default for the kubelet since 1.22: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/configure-cgroup-driver/ */
export const KUBEADM_CGROUP_DRIVER = 'systemd';

/** The kubelet's own default, where its configuration says nothing: https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
export const KUBELET_CGROUP_DRIVER = 'cgroupfs';
