/** A port that a network add-on uses on every node. */
export interface AddOnPort {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** What is spoken there: `VXLAN`, `BGP`. */
  readonly purpose: string;
  /** Where it listens with the add-on's own defaults. */
  readonly bind: 'all' | 'loopback';
  /** A kernel device holds the port; no process does. */
  readonly kernel: boolean;
  /** How datagrams on it are dressed. */
  readonly encapsulation: 'vxlan' | 'geneve' | null;
  /** Only clusters of this family use it. */
  readonly family?: 4 | 6;
  /** It belongs to a feature that can be off, though it is on by default. */
  readonly optional: boolean;
}

/** What a network add-on needs of a machine and of the network between machines, with its own defaults. */
export interface AddOn {
  /** As `--cni` names it. */
  readonly name: string;
  /** As its makers write it. */
  readonly title: string;
  /** The add-on's own page on what it needs of nodes. */
  readonly docs: string | null;
  readonly ports: readonly AddOnPort[];
  /** IP protocols other than TCP and UDP that must pass between nodes. */
  readonly ipProtocols: readonly { readonly number: number; readonly name: string }[];
  /** Bytes of encapsulation by the family of the outer packet: 0 where there is none, null where the family cannot be the outer one or no figure is documented. */
  readonly overhead: { readonly 4: number | null; readonly 6: number | null };
  /** Kernel modules that it loads or expects, built in or loaded; `br_netfilter` is in needsBridgeNetfilter. */
  readonly modules: readonly string[];
  /** The oldest kernel that its documentation names. */
  readonly minimumKernel: string | null;
  /** Bridged packets must pass iptables: br_netfilter, and bridge-nf-call-iptables = 1. */
  readonly needsBridgeNetfilter: boolean;
  /** Strict reverse path filtering on its interfaces drops pod traffic. */
  readonly breaksWithStrictRpFilter: boolean;
  /** Every node must be on one link with the others: routes name nodes as next hops. */
  readonly needsSharedLink: boolean;
  /** ADD works only for a Pod that the API server knows. */
  readonly needsRealPod: boolean;
  /** Whether Services work through it without kube-proxy. */
  readonly replacesKubeProxy: 'never' | 'can' | 'always';
}

const port = (protocol: 'tcp' | 'udp', number: number, purpose: string, extra: Partial<AddOnPort> = {}): AddOnPort => ({
  protocol,
  port: number,
  purpose,
  bind: 'all',
  kernel: false,
  encapsulation: null,
  optional: false,
  ...extra,
});
const vxlan = (number: number) => port('udp', number, 'VXLAN', { kernel: true, encapsulation: 'vxlan' });
const geneve = port('udp', 6081, 'Geneve', { kernel: true, encapsulation: 'geneve' });
const wireguard = (number: number, family: 4 | 6) => port('udp', number, 'WireGuard', { kernel: true, family });
const bgp = port('tcp', 179, 'BGP');
const ipip = { number: 4, name: 'IP-in-IP' } as const;

/**
 * Outer IPv4 header 20 or IPv6 header 40, UDP 8, VXLAN or Geneve without options 8, inner Ethernet 14; WireGuard pads and seals:
 * https://docs.tigera.io/calico/latest/networking/configuring/mtu
 */
const VXLAN_OVERHEAD = { 4: 50, 6: 70 } as const;
const GENEVE_OVERHEAD = { 4: 50, 6: 70 } as const;
/** OVN adds one Geneve option of 8 bytes. */
const OVN_OVERHEAD = { 4: 58, 6: 78 } as const;
const WIREGUARD_OVERHEAD = { 4: 60, 6: 80 } as const;
/** IP-in-IP carries IPv4 in IPv4 only. */
const IPIP_OVERHEAD = { 4: 20, 6: null } as const;
const NO_OVERHEAD = { 4: 0, 6: 0 } as const;

const plain = {
  ports: [],
  ipProtocols: [],
  overhead: NO_OVERHEAD,
  modules: [],
  minimumKernel: null,
  needsBridgeNetfilter: false,
  breaksWithStrictRpFilter: false,
  needsSharedLink: false,
  needsRealPod: false,
  replacesKubeProxy: 'never',
} as const;

/** https://github.com/flannel-io/flannel/blob/master/Documentation/backends.md */
const flannel = {
  ...plain,
  title: 'flannel',
  docs: 'https://github.com/flannel-io/flannel/blob/master/Documentation/backends.md',
  needsBridgeNetfilter: true,
} as const;

/** https://docs.tigera.io/calico/latest/getting-started/kubernetes/requirements */
const calico = {
  ...plain,
  title: 'Calico',
  docs: 'https://docs.tigera.io/calico/latest/getting-started/kubernetes/requirements',
  minimumKernel: '5.10',
  needsRealPod: true,
  replacesKubeProxy: 'can',
} as const;
const felixHealth = port('tcp', 9099, 'Felix health', { bind: 'loopback' });
const typha = port('tcp', 5473, 'Typha', { optional: true });

/** https://docs.cilium.io/en/stable/operations/system_requirements/ */
const cilium = {
  ...plain,
  title: 'Cilium',
  docs: 'https://docs.cilium.io/en/stable/operations/system_requirements/',
  minimumKernel: '5.10',
  breaksWithStrictRpFilter: true,
  needsRealPod: true,
  replacesKubeProxy: 'can',
} as const;
const ciliumPorts = [
  port('tcp', 4240, 'Cilium health', { optional: true }),
  port('tcp', 4244, 'Hubble server', { optional: true }),
  port('tcp', 9879, 'Cilium agent health', { bind: 'loopback' }),
];

const table: readonly AddOn[] = [
  { ...flannel, name: 'flannel', ports: [vxlan(8472)], overhead: VXLAN_OVERHEAD, modules: ['vxlan'] },
  { ...flannel, name: 'flannel-host-gw', needsSharedLink: true },
  {
    ...flannel,
    name: 'flannel-wireguard',
    ports: [wireguard(51_820, 4), wireguard(51_821, 6)],
    overhead: WIREGUARD_OVERHEAD,
    modules: ['wireguard'],
  },
  {
    ...calico,
    name: 'calico-vxlan',
    ports: [vxlan(4789), typha, felixHealth],
    overhead: VXLAN_OVERHEAD,
    modules: ['vxlan'],
  },
  {
    ...calico,
    name: 'calico-ipip',
    ports: [bgp, typha, felixHealth],
    ipProtocols: [ipip],
    overhead: IPIP_OVERHEAD,
    modules: ['ipip'],
  },
  { ...calico, name: 'calico-bgp', ports: [bgp, typha, felixHealth] },
  {
    ...cilium,
    name: 'cilium-vxlan',
    ports: [vxlan(8472), ...ciliumPorts],
    overhead: VXLAN_OVERHEAD,
    modules: ['vxlan'],
  },
  { ...cilium, name: 'cilium-geneve', ports: [geneve, ...ciliumPorts], overhead: GENEVE_OVERHEAD, modules: ['geneve'] },
  { ...cilium, name: 'cilium-native', ports: ciliumPorts },
  {
    ...plain,
    name: 'weave',
    title: 'Weave Net',
    docs: 'https://github.com/weaveworks/weave/blob/master/site/kubernetes/kube-addon.md',
    ports: [
      port('tcp', 6783, 'Weave control'),
      port('udp', 6783, 'Weave sleeve data'),
      // The fast data path is a VXLAN port of Open vSwitch's kernel module, with a header that the kernel's own VXLAN does not parse.
      port('udp', 6784, 'Weave fast data path', { kernel: true }),
      port('tcp', 6784, 'Weave API', { bind: 'loopback' }),
    ],
    overhead: { 4: null, 6: null },
    needsBridgeNetfilter: true,
  },
  {
    ...plain,
    name: 'antrea',
    title: 'Antrea',
    docs: 'https://github.com/antrea-io/antrea/blob/main/docs/network-requirements.md',
    ports: [
      geneve,
      port('tcp', 10_350, 'Antrea agent API'),
      port('tcp', 10_351, 'Antrea memberlist'),
      port('udp', 10_351, 'Antrea memberlist'),
      port('tcp', 10_349, 'Antrea controller API', { optional: true }),
    ],
    overhead: GENEVE_OVERHEAD,
    modules: ['openvswitch', 'geneve'],
    minimumKernel: '4.6',
    needsRealPod: true,
    replacesKubeProxy: 'can',
  },
  {
    ...plain,
    name: 'kube-router',
    title: 'kube-router',
    docs: 'https://www.kube-router.io/docs/user-guide/',
    ports: [
      bgp,
      port('tcp', 20_244, 'kube-router health'),
      port('tcp', 50_051, 'GoBGP administration', { bind: 'loopback' }),
    ],
    ipProtocols: [ipip],
    overhead: IPIP_OVERHEAD,
    modules: ['ipip'],
    needsBridgeNetfilter: true,
    replacesKubeProxy: 'can',
  },
  {
    ...plain,
    name: 'ovn-kubernetes',
    title: 'OVN-Kubernetes',
    docs: 'https://ovn-kubernetes.io/',
    ports: [geneve],
    overhead: OVN_OVERHEAD,
    modules: ['openvswitch', 'geneve'],
    needsRealPod: true,
    replacesKubeProxy: 'always',
  },
  { ...plain, name: 'none', title: 'no network add-on', docs: null },
];

/** Every value of `--cni`. */
export const addOns: Readonly<Record<string, AddOn>> = Object.fromEntries(table.map((addOn) => [addOn.name, addOn]));
