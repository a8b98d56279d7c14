/** A module of the kernel that Kubernetes or a network add-on uses, and where else its presence shows. */
export interface KernelModule {
  /** The build option that makes it, without `CONFIG_`. */
  readonly option: string;
  /** A file or directory that exists while the kernel has it, however it was built. */
  readonly trace: string | null;
}

const module = (option: string, trace: string | null = null): KernelModule => ({ option, trace });

export const kernelModules = {
  br_netfilter: module('BRIDGE_NETFILTER', '/proc/sys/net/bridge'),
  geneve: module('GENEVE'),
  ip_vs: module('IP_VS', '/proc/sys/net/ipv4/vs'),
  ip_vs_rr: module('IP_VS_RR'),
  ip_vs_sh: module('IP_VS_SH'),
  ip_vs_wrr: module('IP_VS_WRR'),
  ipip: module('NET_IPIP'),
  nf_conntrack: module('NF_CONNTRACK', '/proc/sys/net/netfilter/nf_conntrack_max'),
  nf_nat: module('NF_NAT'),
  nf_tables: module('NF_TABLES'),
  openvswitch: module('OPENVSWITCH'),
  overlay: module('OVERLAY_FS'),
  vxlan: module('VXLAN'),
  wireguard: module('WIREGUARD'),
  xt_comment: module('NETFILTER_XT_MATCH_COMMENT'),
} as const satisfies Readonly<Record<string, KernelModule>>;

/** What is looked for in the lists of modules: those above, and the one that shows the build configuration. */
export const MODULE_NAMES: readonly string[] = [...Object.keys(kernelModules), 'configs'];

/** The modules that kube-proxy uses in each mode; ipvs: cmd/kubeadm and pkg/proxy/ipvs. */
export const PROXY_MODULES = {
  iptables: ['nf_conntrack', 'nf_nat', 'xt_comment'],
  ipvs: ['nf_conntrack', 'nf_nat', 'xt_comment', 'ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_sh'],
  nftables: ['nf_conntrack', 'nf_nat', 'nf_tables'],
} as const;

/**
 * Build options without which kubeadm's SystemVerification stops, each with the older names that serve as well:
 * https://github.com/kubernetes/system-validators/blob/master/validators/types_unix.go
 */
export const REQUIRED_OPTIONS: readonly (readonly [name: string, ...aliases: string[]])[] = [
  ['NAMESPACES'],
  ['NET_NS'],
  ['PID_NS'],
  ['IPC_NS'],
  ['UTS_NS'],
  ['CPUSETS'],
  ['MEMCG'],
  ['INET'],
  ['EXT4_FS'],
  ['PROC_FS'],
  ['NETFILTER_XT_TARGET_REDIRECT', 'IP_NF_TARGET_REDIRECT'],
  ['NETFILTER_XT_MATCH_COMMENT'],
  ['FAIR_GROUP_SCHED'],
  ['CGROUPS'],
  ['CGROUP_PIDS'],
  ['CGROUP_SCHED'],
];

/** Those that only hosts of one cgroup version need: system-validators 1.11 and later tell them apart. */
export const CGROUP_OPTIONS = {
  1: ['CGROUP_CPUACCT', 'CGROUP_DEVICE', 'CGROUP_FREEZER'],
  2: ['CGROUP_BPF'],
} as const;

/** Controllers without which kubeadm's SystemVerification stops; `devices` of version 2 is no controller that can be missing. */
export const REQUIRED_CONTROLLERS = {
  1: ['cpu', 'cpuacct', 'cpuset', 'devices', 'freezer', 'memory', 'pids'],
  2: ['cpu', 'cpuset', 'freezer', 'memory', 'pids'],
} as const;

/** Every build option that is judged. */
export const JUDGED_OPTIONS: ReadonlySet<string> = new Set([
  ...REQUIRED_OPTIONS.flat(),
  ...CGROUP_OPTIONS[1],
  ...CGROUP_OPTIONS[2],
  ...Object.values(kernelModules).map(({ option }) => option),
]);

/** Add-ons that load br_netfilter and set its keys themselves: pkg/controllers/netpol and pkg/utils of cloudnativelabs/kube-router. */
export const LOADS_BRIDGE_NETFILTER: readonly string[] = ['kube-router'];
