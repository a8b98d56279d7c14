import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { valueOf } from '../reading.ts';
import { usableAddresses } from '../../kubernetes/node-address.ts';
import type { Settings } from '../../plan/settings.ts';
import { parseCidr } from '../../values/cidr.ts';
import { parseEndpoint } from '../../values/endpoint.ts';
import { parseIp, type Family } from '../../values/ip.ts';

/** What tells the families where the user says nothing. */
export interface FamilyReadings {
  readonly interfaces: Reading<Facts['interfaces']>;
  readonly kubeletConfig: Reading<Facts['kubeletConfig']>;
}

/** The IP families of the cluster: by what was said of it, else by what the kubelet was told when it joined, else by the addresses of the machine. */
export function clusterFamilies(plan: Settings, readings: FamilyReadings): Family[] {
  const said = familiesOf([
    ...plan.podCidr,
    ...plan.serviceCidr,
    ...plan.nodeIp,
    plan.advertiseAddress,
    hostOf(plan.controlPlaneEndpoint),
    hostOf(plan.join?.endpoint ?? null),
  ]);
  if (said.length > 0) return said;
  const kubelet = valueOf(readings.kubeletConfig);
  const told = familiesOf([...(kubelet?.clusterDNS ?? []), kubelet?.podCIDR ?? null]);
  if (told.length > 0) return told;
  const interfaces = valueOf(readings.interfaces)?.interfaces ?? [];
  const has = (family: Family) => interfaces.some((each) => usableAddresses(each, family).length > 0);
  // Where nothing is known, and on a host with both, a cluster is IPv4 unless somebody says otherwise.
  return has(6) && !has(4) ? [6] : [4];
}

function familiesOf(texts: readonly (string | null)[]): Family[] {
  const found = texts.map((text) => (text === null ? null : (parseCidr(text) ?? parseIp(text))?.family));
  return ([4, 6] as const).filter((family) => found.includes(family));
}

function hostOf(endpoint: string | null): string | null {
  return endpoint === null ? null : (parseEndpoint(endpoint, 6443)?.host ?? null);
}
