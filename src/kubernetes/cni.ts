/** Network add-ons and CNI plugins, as data. */

/** Where runtimes and add-ons look unless they are told otherwise: containerd's and CRI-O's defaults, and the host paths of add-ons' manifests. */
export const DEFAULT_CNI_CONF_DIR = '/etc/cni/net.d';
export const DEFAULT_CNI_BIN_DIR = '/opt/cni/bin';

/** Which add-on a plugin type belongs to, by the first part of `--cni NAME-MODE`. The reference plugins belong to nobody. */
export const ADDON_OF_TYPE: Readonly<Record<string, string>> = {
  flannel: 'flannel',
  calico: 'calico',
  'calico-ipam': 'calico',
  'cilium-cni': 'cilium',
  'weave-net': 'weave',
  'weave-ipam': 'weave',
  antrea: 'antrea',
  'ovn-k8s-cni-overlay': 'ovn-kubernetes',
};

/** Plugins that load the network of another file in the same directory: several files are how they work. */
export const META_TYPES: readonly string[] = ['multus', 'multus-shim', 'genie', 'danm'];

/**
 * Plugins, and what gives them addresses, that ask the API or an agent of theirs for the pod that they connect: an ADD for one that the cluster does not
 * know fails, or ends with the pod of somebody else. calico patches the Pod (libcalico-go/lib/backend/k8s/resources/workloadendpoint.go); cilium-cni
 * has its endpoint made by the agent (plugins/cilium-cni/cmd/cmd.go); antrea and ovn-k8s-cni-overlay send the Pod's name to theirs
 * (pkg/agent/cniserver/server.go, go-controller/pkg/cni/cni.go), as does kube-ovn (pkg/daemon/handler.go); multus, genie and danm look up the Pod's annotations.
 */
export const NEEDS_REAL_POD: readonly string[] = [
  'calico',
  'calico-ipam',
  'cilium-cni',
  'antrea',
  'ovn-k8s-cni-overlay',
  'kube-ovn',
  ...META_TYPES,
];

/**
 * Plugins that a plugin calls by its own choice. flannel's default delegate is bridge with host-local:
 * https://github.com/flannel-io/cni-plugin#readme
 */
export const DELEGATES: Readonly<Record<string, readonly string[]>> = { flannel: ['bridge', 'host-local'] };

/**
 * Plugins that an add-on's chain needs and its installer does not bring; they come with the package kubernetes-cni, or by hand:
 * https://github.com/flannel-io/flannel#deploying-flannel-manually
 */
export const NOT_BROUGHT: Readonly<Record<string, readonly string[]>> = {
  flannel: ['bridge', 'host-local', 'portmap', 'loopback'],
};

/** Files that packages of CRI-O and Podman bring: a network of the host's own, which an add-on's file (10-…) sorts before. */
export const PACKAGED_FILES: readonly RegExp[] = [
  /^\d+-crio-(?:ipv4-)?bridge\.conf(?:list)?$/,
  /^\d+-podman-bridge\.conflist$/,
  /^\d+-loopback\.conf$/,
];

/** `flannel-host-gw` → `flannel`. Names with a dash of their own stay whole. */
export function addonOf(cni: string): string {
  return (
    [...Object.values(ADDON_OF_TYPE), 'kube-router', 'none'].find(
      (addon) => cni === addon || cni.startsWith(`${addon}-`),
    ) ?? cni
  );
}
