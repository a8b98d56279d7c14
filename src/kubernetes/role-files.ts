import type { Role } from '../plan/settings.ts';

/**
 * What the components of a control plane read, and kubeadm writes for them alone, in directories whose names everybody may see: it tells the role where
 * the manifests are shown to root alone. https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/
 */
export const ROLE_FILES: readonly (readonly [path: string, role: Role])[] = [
  ['/etc/kubernetes/controller-manager.conf', 'control-plane'],
  ['/etc/kubernetes/scheduler.conf', 'control-plane'],
  ['/etc/kubernetes/pki/etcd/server.crt', 'etcd'],
];
