/** Tables and chains that Kubernetes, network add-ons, Docker and libvirt make for Services, policies and masquerading: they are nobody's firewall. */
const TABLES = [
  'kube-proxy',
  'kube-network-policies',
  'kindnet',
  'flannel-ipv4',
  'flannel-ipv6',
  'calico',
  'cilium',
  'antrea',
  'kube-router',
  'ovn-kubernetes',
  'cni_',
  'cni-',
  'docker-bridges',
  'libvirt_network',
] as const;

/**
 * kube-proxy and kubelet, the reference plugins, Calico, Cilium, flannel, kube-router, Weave, Antrea, OVN-Kubernetes, AWS; those of
 * container engines, libvirt and ban lists refuse nothing that is meant for this node unless somebody adds to them.
 */
const CHAINS = [
  'KUBE-',
  'CNI-',
  'cali-',
  'CILIUM_',
  'OLD_CILIUM_',
  'FLANNEL',
  'WEAVE-',
  'ANTREA-',
  'OVN-KUBE-',
  'AWS-',
  'DOCKER',
  'NETAVARK',
  'LIBVIRT_',
  'f2b-',
] as const;

/** Chains by which an add-on accepts the traffic of its pods ahead of a policy that drops. */
const ACCEPTING = [
  'cali-FORWARD',
  'CILIUM_FORWARD',
  'FLANNEL-FWD',
  'CNI-FORWARD',
  'KUBE-ROUTER-FORWARD',
  'WEAVE-NPC',
  'ANTREA-FORWARD',
];

export function isHarmlessTable(name: string): boolean {
  return TABLES.some((prefix) => name.startsWith(prefix));
}

export function isHarmlessChain(name: string): boolean {
  return CHAINS.some((prefix) => name.startsWith(prefix));
}

/** Weave Net ends the rules for its own bridge in FORWARD itself, and not in a chain of its own. */
export function isRefusedByAddOn(outgoing: string): boolean {
  return outgoing === 'weave';
}

export function acceptsPods(chain: string): boolean {
  return ACCEPTING.includes(chain);
}
