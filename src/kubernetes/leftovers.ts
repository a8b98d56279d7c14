import type { Role } from '../plan/settings.ts';

/** A file of an earlier cluster. */
export interface LeftoverFile {
  readonly path: string;
  /** kubeadm's preflight refuses to go on while it exists. */
  readonly refused: boolean;
  /** Only a node of this role is refused. */
  readonly onlyFor?: Role;
}

const refusedFor = (onlyFor: Role, ...paths: readonly string[]): LeftoverFile[] =>
  paths.map((path) => ({ path, refused: true, onlyFor }));
const found = (...paths: readonly string[]): LeftoverFile[] => paths.map((path) => ({ path, refused: false }));

/**
 * What kubeadm and the kubelet write, and `kubeadm reset` removes. Source: cmd/kubeadm/app/preflight/checks.go (FileAvailableCheck) and
 * https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/. Certificates in /etc/kubernetes/pki are no leftover of a
 * control plane: administrators put them there before init and join.
 */
export const leftoverFiles: readonly LeftoverFile[] = [
  { path: '/etc/kubernetes/kubelet.conf', refused: true },
  { path: '/etc/kubernetes/bootstrap-kubelet.conf', refused: true },
  ...refusedFor('worker', '/etc/kubernetes/pki/ca.crt'),
  ...refusedFor(
    'control-plane',
    '/etc/kubernetes/manifests/kube-apiserver.yaml',
    '/etc/kubernetes/manifests/kube-controller-manager.yaml',
    '/etc/kubernetes/manifests/kube-scheduler.yaml',
    '/etc/kubernetes/manifests/etcd.yaml',
  ),
  ...found(
    '/etc/kubernetes/admin.conf',
    '/etc/kubernetes/super-admin.conf',
    '/etc/kubernetes/controller-manager.conf',
    '/etc/kubernetes/scheduler.conf',
    '/var/lib/kubelet/config.yaml',
    '/var/lib/kubelet/kubeadm-flags.env',
    '/var/lib/kubelet/pki',
    '/var/lib/kubelet/pods',
    '/var/lib/kubelet/cpu_manager_state',
    '/var/lib/kubelet/memory_manager_state',
  ),
];

/** Where the CNI plugin host-local keeps a file for each address that a pod holds, in a directory for each network. */
export const RESERVATIONS_DIRECTORY = '/var/lib/cni/networks';

/** Networks of Podman and nerdctl, which use the same plugin without a cluster. */
export const otherNetworks: readonly string[] = ['podman', 'bridge'];

/** Devices that network add-ons and kube-proxy make and `kubeadm reset` leaves; none has a name that another program uses. */
const ADD_ON_INTERFACES =
  /^(?:cni0|flannel(?:-v6)?\.\d+|cali[0-9a-f]{11}|vxlan(?:-v6)?\.calico|wireguard\.cali|wg-v6\.cali|cilium_(?:net|host|vxlan|geneve|wg0)|kube-ipvs0|kube-bridge|nodelocaldns|antrea-(?:gw|tun)0|ovn-k8s-mp\d+|weave)$/;

export function isAddOnInterface(name: string): boolean {
  return ADD_ON_INTERFACES.test(name);
}
