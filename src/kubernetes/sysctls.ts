/** Keys below /proc/sys that checks judge, in the spelling of their paths: `net/ipv4/ip_forward`. */
export const SYSCTLS = [
  'net/ipv4/ip_forward',
  'net/ipv4/ip_local_port_range',
  'net/ipv4/ip_local_reserved_ports',
  'net/ipv4/neigh/default/gc_thresh1',
  'net/ipv4/neigh/default/gc_thresh2',
  'net/ipv4/neigh/default/gc_thresh3',
  'net/bridge/bridge-nf-call-iptables',
  'net/bridge/bridge-nf-call-ip6tables',
  'net/netfilter/nf_conntrack_max',
  'net/netfilter/nf_conntrack_count',
  // What the kubelet sets, or with protectKernelDefaults demands: pkg/kubelet/cm/container_manager_linux.go
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
] as const;

/** Those that each interface has, and `all` and `default`, by the directory that holds them: https://docs.kernel.org/networking/ip-sysctl.html */
export const INTERFACE_SYSCTLS = {
  'net/ipv4/conf': ['forwarding', 'rp_filter'],
  'net/ipv6/conf': ['forwarding', 'accept_ra', 'disable_ipv6'],
} as const;

/** A key as sysctl(8) prints it: the dots of an interface's name become slashes, as sysctl.d(5) has it. */
export function dotted(key: string): string {
  return key.replaceAll(/[./]/g, (separator) => (separator === '/' ? '.' : '/'));
}

/** Keys that are set by writing another one: net/ipv4/devinet.c and net/ipv6/addrconf.c of the kernel. The key itself comes first. */
export function settersOf(key: string): string[] {
  const [, family, name] = /^net\/(ipv[46])\/conf\/([^/]+)\/forwarding$/.exec(key) ?? [];
  if (key === 'net/ipv4/ip_forward' || family === 'ipv4') {
    const own = name === undefined || name === 'all' ? [] : [key];
    return [...own, 'net/ipv4/ip_forward', 'net/ipv4/conf/all/forwarding'];
  }
  return family === 'ipv6' && name !== 'all' ? [key, 'net/ipv6/conf/all/forwarding'] : [key];
}
