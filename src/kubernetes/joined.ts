import { STATIC_PODS } from './programs.ts';

/** What `kubeadm init` and `kubeadm join` leave on disk: files by their paths, and names in /etc/kubernetes/manifests. */
interface NodeTraces {
  readonly files: Readonly<Record<string, boolean>>;
  readonly manifests: readonly string[];
}

/**
 * Whether a machine is a node of a cluster already, by what kubeadm leaves on its disk. Other manifests tell nothing: that of kube-vip, for one, is
 * laid down before `kubeadm init`.
 */
export function hasJoined({ files, manifests }: NodeTraces): boolean {
  return (
    files['/etc/kubernetes/kubelet.conf'] === true ||
    files['/etc/kubernetes/admin.conf'] === true ||
    STATIC_PODS.some((name) => manifests.includes(`${name}.yaml`))
  );
}

/** Whether a join is under way, or was broken off: the kubelet starts with this file, and has its own only once the cluster knows it. */
export function isJoining({ files }: Pick<NodeTraces, 'files'>): boolean {
  return files['/etc/kubernetes/bootstrap-kubelet.conf'] === true;
}
