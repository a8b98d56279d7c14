import { atLeast, type Version } from '../values/version.ts';

/** How many minor versions a kubelet may be older than the control plane: https://kubernetes.io/releases/version-skew-policy/#kubelet */
export function kubeletMayLagBy(controlPlane: Version): number {
  return atLeast(controlPlane, 1, 28) ? 3 : 2;
}
