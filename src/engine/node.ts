import type { Role, Stage } from '../plan/settings.ts';

/** What told the version of Kubernetes that a node runs, or will. */
type VersionOrigin = 'said' | 'kube-apiserver' | 'kubelet' | 'kubeadm' | 'default';

/** A machine of the run, once its facts tell who it is. */
export interface Node {
  readonly name: string;
  readonly self: boolean;
  /** `any` alone when nobody said and nothing on disk tells: the union of all. */
  readonly roles: readonly (Role | 'any')[];
  readonly stage: Stage;
  /** `1.36` */
  readonly kubernetesVersion: string;
  readonly versionFrom: VersionOrigin;
  readonly addresses: readonly string[];
}
