import type { KubeletConfiguration } from './settings.ts';

export const KUBELET_CONFIGURATION_KEYS = ['failSwapOn', 'cgroupDriver', 'failCgroupV1', 'resolvConf'] as const;

interface Given {
  readonly failSwapOn?: boolean | null | undefined;
  readonly cgroupDriver?: string | null | undefined;
  readonly failCgroupV1?: boolean | null | undefined;
  readonly resolvConf?: string | null | undefined;
}

/** What a kubelet is to be told, as it was written down. An empty resolvConf is a value: pods get no resolver of the node. */
export function toKubeletConfiguration({
  failSwapOn = null,
  cgroupDriver = null,
  failCgroupV1 = null,
  resolvConf = null,
}: Given): KubeletConfiguration {
  return { failSwapOn, cgroupDriver: cgroupDriver === '' ? null : cgroupDriver, failCgroupV1, resolvConf };
}
