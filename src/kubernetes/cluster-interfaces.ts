/** How network add-ons and kube-proxy name the interfaces that they make; what is routed there is the pod or service network itself. */
const PREFIXES = [
  'cni',
  'cbr',
  'veth',
  'cali',
  'tunl',
  'vxlan.calico',
  'vxlan-v6.calico',
  'wireguard.cali',
  'wg-v6.cali',
  'bpfin.cali',
  'bpfout.cali',
  'flannel',
  'cilium',
  'lxc',
  'kube-bridge',
  'kube-dummy-if',
  'kube-ipvs',
  'nodelocaldns',
  'tun-',
  'weave',
  'antrea',
  'genev_sys',
  'vxlan_sys',
  'ovn-k8s',
  'br-int',
  'eni',
  'gke',
  'azv',
] as const;

export function isClusterInterface(name: string): boolean {
  return PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Devices that show that an add-on may send NodePorts to Services by eBPF or Open vSwitch, where no rule of the kernel's packet filter tells. */
export const SERVICE_DATAPATHS: Readonly<Record<string, string>> = {
  cilium_host: 'Cilium',
  'bpfin.cali': 'Calico',
  'bpfout.cali': 'Calico',
  'antrea-gw0': 'Antrea',
  'ovn-k8s-mp0': 'OVN-Kubernetes',
};

/** Dummy devices of kube-proxy in IPVS mode and of kube-router: they hold the addresses of Services, which are no addresses of the node. */
export const SERVICE_ADDRESS_DEVICES: readonly string[] = ['kube-ipvs0', 'kube-dummy-if'];

/** Bytes that an add-on's tunnel adds, by its device; Cilium, Antrea and OVN give pods their MTU by routes and not by a device. */
export const TUNNEL_OVERHEAD: Readonly<Record<string, number>> = {
  'flannel.1': 50,
  'flannel-v6.1': 70,
  'flannel-wg': 60,
  'flannel-wg-v6': 80,
  'vxlan.calico': 50,
  'vxlan-v6.calico': 70,
  tunl0: 20,
  'wireguard.cali': 60,
  'wg-v6.cali': 80,
};

/** Every pod-side interface of Calico, of Azure's plugin and of Antrea has the same one by design. */
export const SHARED_MACS: readonly string[] = ['ee:ee:ee:ee:ee:ee', '12:34:56:78:9a:bc', 'aa:bb:cc:dd:ee:ff'];
