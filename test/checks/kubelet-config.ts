import type { Facts } from '../../src/evidence/facts.ts';

/** A kubelet's configuration that says nothing but what differs. */
export function kubeletConfig(differs: Partial<Facts['kubeletConfig']>): Facts['kubeletConfig'] {
  return {
    present: true,
    failSwapOn: null,
    memorySwapBehavior: null,
    cgroupDriver: null,
    failCgroupV1: null,
    resolvConf: null,
    containerRuntimeEndpoint: null,
    protectKernelDefaults: null,
    address: null,
    port: null,
    healthzPort: null,
    healthzBindAddress: null,
    readOnlyPort: null,
    clusterDNS: null,
    podCIDR: null,
    staticPodPath: null,
    evictionHard: null,
    mergeDefaultEvictionSettings: null,
    flags: {},
    extraFlags: {},
    ...differs,
  };
}
