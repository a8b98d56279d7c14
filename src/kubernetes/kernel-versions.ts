import { atLeast, parseVersion, type Version } from '../values/version.ts';
import { isFrom } from './versions.ts';

/** What the kubeadm of a minor version demands of the kernel's release. */
export interface KernelRule {
  readonly oldest: string;
  /** kubeadm ends with an error below it; otherwise it only warns. */
  readonly refuses: boolean;
  /** Of the 5 series it knows the long-term releases alone, and warns about the others. */
  readonly longTermOnly: boolean;
}

/**
 * kernelSpec of k8s.io/system-validators, by the release that each kubeadm was built with: 1.8 up to Kubernetes 1.31, 1.9 with 1.32 and
 * 1.33, 1.10.1 and later from 1.34 on.
 */
export function kernelRule(kubernetesVersion: string): KernelRule {
  if (isFrom(kubernetesVersion, '1.34')) return { oldest: '5.4', refuses: false, longTermOnly: true };
  return isFrom(kubernetesVersion, '1.32')
    ? { oldest: '4.19', refuses: true, longTermOnly: false }
    : { oldest: '3.10', refuses: true, longTermOnly: false };
}

/** The long-term releases of the 5 series; every release from 6 on is taken. */
export function isLongTerm(kernel: Version): boolean {
  return kernel.major >= 6 || (kernel.major === 5 && [4, 10, 15].includes(kernel.minor));
}

/** kube-proxy's nftables mode refuses older ones: https://kubernetes.io/docs/reference/networking/virtual-ips/#proxy-mode-nftables */
export const NFTABLES_KERNEL = '5.13';

/** Kernels older than the add-on's minimum that its makers name as good enough all the same. */
export const BACKPORTED: Readonly<Record<string, RegExp>> = {
  // https://docs.cilium.io/en/stable/operations/system_requirements/: RHEL 8.10
  Cilium: /^4\.18\..*\.el8_10\b/,
};

export function isKernelFrom(kernel: Version, oldest: string): boolean {
  const limit = parseVersion(oldest);
  return limit !== null && atLeast(kernel, limit.major, limit.minor);
}
