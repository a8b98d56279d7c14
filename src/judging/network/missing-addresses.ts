import type { Facts } from '../../evidence/facts.ts';
import { isClusterInterface } from '../../kubernetes/cluster-interfaces.ts';
import { isChosenByProgram, usableAddresses } from '../../kubernetes/node-address.ts';
import type { Settings } from '../../plan/settings.ts';
import { parseCidr } from '../../values/cidr.ts';
import { canonicalIp, type Family } from '../../values/ip.ts';

/** Why an address is needed at all. */
export const WHY_ADDRESS = 'Kubelet registers an address of this machine, and the other nodes reach it there.';

type Interfaces = Facts['interfaces']['interfaces'];

/** Families of the pod and service networks that no interface of this machine has an address of; those of pods' interfaces do not count. */
export function missingFamilies(all: Interfaces, { podCidr, serviceCidr }: Settings) {
  const own = all.filter(({ name, up }) => up && !isClusterInterface(name));
  const families = ([4, 6] as const).filter((family) =>
    [...podCidr, ...serviceCidr].some((cidr) => parseCidr(cidr)?.family === family),
  );
  const missing = families.filter((family) => own.every((each) => usableAddresses(each, family).length === 0));
  return missing.map((family: Family) => ({
    subject: `IPv${family}`,
    reason: 'no-address' as const,
    message: `The cluster uses IPv${family}, and no interface has an IPv${family} address that other machines could reach.`,
    why: WHY_ADDRESS,
    expected: `an IPv${family} address that is neither loopback nor link-local`,
    actual: 'none',
    evidence: { family, podCidr, serviceCidr },
    remedy: {
      text: `Give the uplink an IPv${family} address where this system configures its network, or leave IPv${family} out of podSubnet and serviceSubnet.`,
      commands: [`ip -${family} address`],
    },
  }));
}

/** Addresses that were named for this machine, and that none of its interfaces has. */
export function missingAddresses(all: Interfaces, plan: Settings, isControlPlane: boolean) {
  // The files of a directory do not tell every address.
  if (plan.root !== null) return [];
  const own = new Set(all.flatMap(({ addresses }) => addresses.map(({ address }) => canonicalIp(address))));
  // An external etcd listens elsewhere, and the API server binds what --bind-address says.
  const advertised = isControlPlane && plan.etcd === 'stacked' ? plan.advertiseAddress : null;
  const named = [
    ...plan.nodeIp.map((address) => ({
      address,
      what: '--node-ip',
      why: 'Kubelet refuses an address that no interface of the machine has: “node IP not found in the host’s network interfaces”.',
    })),
    ...(advertised === null || plan.nodeIp.includes(advertised)
      ? []
      : [
          {
            address: advertised,
            what: 'localAPIEndpoint.advertiseAddress',
            why: 'etcd listens on this address, and cannot bind one that no interface has.',
            onlyFor: 'control-plane' as const,
          },
        ]),
  ];
  return named
    .filter(({ address }) => !isChosenByProgram(address) && !own.has(canonicalIp(address)))
    .map(({ address, what, ...rest }) => ({
      ...rest,
      subject: address,
      reason: 'address-not-here' as const,
      message: `${what} names ${address}, and no interface of this machine has that address.`,
      expected: 'an address of this machine',
      actual: [...own].slice(0, 10).join(', '),
      evidence: { address },
      remedy: {
        text: `Name an address of this machine in ${what === '--node-ip' ? '--node-ip, here and in kubelet’s arguments (kubeletExtraArgs of kubeadm’s configuration)' : 'kubeadm’s configuration'}, or give the interface this one. The public address of a cloud’s NAT is none of the machine’s.`,
        commands: ['ip address'],
      },
    }));
}
