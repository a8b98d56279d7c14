import type { Facts } from '../evidence/facts.ts';
import { STATIC_PODS } from './programs.ts';

/**
 * Whether a machine is a node of a cluster already, by what kubeadm leaves on its disk. Other manifests tell nothing: that of kube-vip, for one, is
 * laid down before `kubeadm init`.
 */
export function hasJoined({ files, manifests }: Facts['nodeTraces']): boolean {
  return (
    files['/etc/kubernetes/kubelet.conf'] === true ||
    files['/etc/kubernetes/admin.conf'] === true ||
    STATIC_PODS.some((name) => manifests.includes(`${name}.yaml`))
  );
}

/** Whether a join is under way, or was broken off: the kubelet starts with this file, and has its own only once the cluster knows it. */
export function isJoining({ files }: Facts['nodeTraces']): boolean {
  return files['/etc/kubernetes/bootstrap-kubelet.conf'] === true;
}
