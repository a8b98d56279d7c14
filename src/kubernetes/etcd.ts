import { atLeast, parseVersion, type Version } from '../values/version.ts';

interface MinimumEtcd {
  /** The oldest that any kubeadm of the minor version accepts. */
  readonly oldest: string;
  /** What the later patch releases of that minor version ask for. */
  readonly recent: string;
}

/**
 * The external etcd that kubeadm's ExternalEtcdVersion asks for, by the first minor version of Kubernetes that it holds for.
 * cmd/kubeadm/app/constants MinExternalEtcdVersion; it was raised within minor versions too (kubernetes/kubernetes#118733, #134779, #135018).
 */
const MINIMUM: readonly (MinimumEtcd & { readonly since: number })[] = [
  { since: 35, oldest: '3.5.24', recent: '3.5.24' },
  { since: 31, oldest: '3.4.13', recent: '3.5.24' },
  { since: 28, oldest: '3.4.13', recent: '3.4.13' },
  { since: 0, oldest: '3.2.18', recent: '3.2.18' },
];

/** What kubeadm of this version of Kubernetes (`1.36`) asks of an external etcd. */
export function minimumEtcd(kubernetesVersion: string): MinimumEtcd {
  const minor = parseVersion(kubernetesVersion)?.minor ?? 0;
  return MINIMUM.find(({ since }) => minor >= since) ?? { oldest: '3.2.18', recent: '3.2.18' };
}

export function isAtLeast(version: Version, minimum: string): boolean {
  const least = parseVersion(minimum);
  return least !== null && atLeast(version, least.major, least.minor, least.patch);
}
