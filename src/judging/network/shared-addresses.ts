import { isClusterInterface } from '../../kubernetes/cluster-interfaces.ts';
import { usableAddresses } from '../../kubernetes/node-address.ts';
import { canonicalIp } from '../../values/ip.ts';
import { holders } from '../duplicates.ts';
import type { MetNode } from './met-addresses.ts';

/** Whatever it calls itself, it answers for all of these. */
export function configuredAddresses({ facts }: MetNode): string[] {
  return facts.interfaces.interfaces
    .filter(({ name, up, loopback, kind }) => up && !loopback && kind !== 'dummy' && !isClusterInterface(name))
    .flatMap((each) => [...usableAddresses(each, 4), ...usableAddresses(each, 6)])
    .map(canonicalIp);
}

type Shared = ReturnType<typeof holders>[number];

/** Addresses that several nodes have. */
export function sharedAmong(nodes: readonly MetNode[], addresses: (node: MetNode) => readonly string[]): Shared[] {
  const each = nodes.flatMap((one) => addresses(one).map((address) => ({ node: one.node, address })));
  return holders(each, ({ address }) => address).filter(({ nodes: names }) => names.length > 1);
}

export function duplicate({ value, nodes }: Shared) {
  return {
    nodes,
    subject: value,
    reason: 'duplicate-address' as const,
    message: `${nodes.join(' and ')} have the same address ${value}.`,
    why: 'Packets for one reach the other: the API server, kubelets and tunnels of the two answer for each other at random.',
    expected: 'an address of its own for each node',
    actual: value,
    remedy: {
      text: `Give each machine an address of its own by DHCP or in the configuration of its network. If ${value} is that of a NAT which each has for itself, as of Vagrant’s first interface, name the address at which the others reach it: --apiserver-advertise-address for kubeadm, node-ip for kubelet.`,
      commands: ['ip address', 'ip route show default'],
    },
  };
}

export function sameChoice({ value, nodes }: Shared) {
  return {
    nodes,
    subject: value,
    reason: 'same-choice' as const,
    message: `Unless they are told otherwise, kubeadm and kubelet choose ${value} on each of ${nodes.join(' and ')}.`,
    why: 'It is the address of the interface with the default route, a NAT of each machine’s own as a rule: the nodes would register it, and could not be reached there.',
    expected: 'a choice that differs, or none that is left',
    actual: value,
    remedy: {
      text: 'Name the address of each node: --apiserver-advertise-address (localAPIEndpoint.advertiseAddress) for kubeadm on control planes, and node-ip for every kubelet, in nodeRegistration.kubeletExtraArgs of kubeadm’s configuration.',
      commands: ['ip address', 'ip route show default'],
    },
  };
}
