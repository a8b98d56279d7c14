/**
 * What kubeadm's preflight wants of a control plane: 2 processors, and 1700 MiB of what is sold as 2 GB. The second is also what the
 * installation page asks of every machine: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#before-you-begin
 */
export const MINIMUM_CPUS = 2;
export const MINIMUM_MEMORY_MIB = 1700;
