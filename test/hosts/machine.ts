import { formatIp, parseIp } from '../../src/values/ip.ts';
import { parseCidr } from '../../src/values/cidr.ts';
import type { Files, Entry } from './directory.ts';

/** Builds the files of a machine from what differs: a fresh Debian 12 with containerd unless said otherwise. */
export interface MachineOptions {
  readonly name: string;
  readonly interfaces: readonly Interface[];
  readonly gateways?: readonly { readonly interface: string; readonly address: string }[];
  readonly listeners?: readonly Listener[];
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly release?: string;
  readonly cgroup?: 1 | 2;
  /** MiB. */
  readonly memory?: number;
  readonly processes?: readonly string[];
  readonly files?: Files;
}

export interface Interface {
  readonly name: string;
  readonly mac: string;
  /** CIDR. */
  readonly addresses: readonly string[];
  readonly mtu?: number;
  readonly down?: true;
  /** Further files of /sys/class/net/NAME. */
  readonly files?: Files;
}

interface Listener {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  readonly process: string;
}

export function machine(options: MachineOptions): Files {
  const interfaces = [
    { name: 'lo', mac: '00:00:00:00:00:00', addresses: ['127.0.0.1/8', '::1/128'], mtu: 65_536 },
    ...options.interfaces,
  ];
  return {
    ...base(options),
    ...Object.assign({}, ...interfaces.map((each, index) => interfaceFiles(each, index + 1))),
    ...sysctlFiles(interfaces, options.sysctls ?? {}),
    ...routingFiles(interfaces, options.gateways ?? []),
    ...socketFiles(options.listeners ?? []),
    ...processFiles(options.processes ?? []),
    ...options.files,
  };
}

const PROGRAMS = [
  'mount',
  'losetup',
  'cp',
  'conntrack',
  'ip',
  'iptables',
  'nsenter',
  'ethtool',
  'tc',
  'ebtables',
  'socat',
  'touch',
  'crictl',
  'kubelet',
  'kubeadm',
  'containerd',
];
const PLUGINS = [
  'bandwidth',
  'bridge',
  'dhcp',
  'firewall',
  'host-device',
  'host-local',
  'ipvlan',
  'loopback',
  'macvlan',
  'portmap',
  'ptp',
  'sbr',
  'static',
  'tuning',
  'vlan',
  'vrf',
];
const DIGEST = '0123456789abcdef';

/** A stable identity of 32 digits from the name. */
function identityOf(name: string): string {
  return Array.from(
    { length: 32 },
    (_, index) => DIGEST[(name.charCodeAt(index % name.length) * (index + 7)) % 16],
  ).join('');
}

function base({ name, release = '6.1.0-31-amd64', cgroup = 2, memory = 4096 }: MachineOptions): Files {
  const id = identityOf(name);
  return {
    '/etc/machine-id': `${id}\n`,
    '/etc/hosts': `127.0.0.1\tlocalhost\n127.0.1.1\t${name}\n::1\tlocalhost ip6-localhost ip6-loopback\n`,
    '/etc/hostname': `${name}\n`,
    '/etc/nsswitch.conf': 'hosts: files dns\n',
    '/etc/resolv.conf': 'nameserver 192.0.2.53\n',
    '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
    '/etc/containerd/config.toml':
      'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\n  SystemdCgroup = true\n',
    '/etc/cni/net.d': { directory: true },
    '/etc/fstab': 'UUID=1 / ext4 defaults 0 1\n',
    '/lib/systemd/system/kubelet.service': '[Service]\nExecStart=/usr/bin/kubelet\n',
    '/lib/systemd/system/kubelet.service.d/10-kubeadm.conf':
      '[Service]\nExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS\n',
    '/etc/systemd/system/multi-user.target.wants/kubelet.service': { link: '/lib/systemd/system/kubelet.service' },
    '/usr/lib/systemd/system': { link: '/lib/systemd/system' },
    '/run/systemd/system': { directory: true },
    '/run/containerd/containerd.sock': { socket: true },
    '/run/systemd/timesync/synchronized': '',
    '/proc/sys/kernel/hostname': `${name}\n`,
    '/proc/sys/kernel/osrelease': `${release}\n`,
    '/proc/sys/kernel/arch': 'x86_64\n',
    '/proc/swaps': 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n',
    '/proc/meminfo': `MemTotal:       ${memory * 1024} kB\nMemFree:        ${memory * 512} kB\nMemAvailable:   ${memory * 768} kB\n`,
    '/proc/cgroups':
      '#subsys_name\thierarchy\tnum_cgroups\tenabled\n' +
      ['cpuset', 'cpu', 'cpuacct', 'blkio', 'memory', 'devices', 'freezer', 'net_cls', 'perf_event', 'pids', 'hugetlb']
        .map((each, index) => `${each}\t${cgroup === 1 ? index + 1 : 0}\t10\t1\n`)
        .join(''),
    '/proc/mounts': mounts(cgroup),
    '/proc/self/mounts': mounts(cgroup),
    '/proc/modules': [
      'overlay',
      'br_netfilter',
      'nf_conntrack',
      'ip_vs',
      'ip_vs_rr',
      'ip_vs_wrr',
      'ip_vs_sh',
      'vxlan',
      'nf_tables',
    ]
      .map((each) => `${each} 16384 0 - Live 0x0000000000000000\n`)
      .join(''),
    '/proc/net/arp': 'IP address       HW type     Flags       HW address            Mask     Device\n',
    '/sys/devices/system/cpu/online': '0-3\n',
    '/sys/class/dmi/id/product_uuid': `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-8${id.slice(17, 20)}-${id.slice(20)}\n`,
    '/sys/class/dmi/id/product_name': 'Standard PC (Q35 + ICH9, 2009)\n',
    '/sys/class/dmi/id/sys_vendor': 'QEMU\n',
    ...(cgroup === 2
      ? {
          '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids rdma misc\n',
          '/sys/fs/cgroup/system.slice/cgroup.freeze': '0\n',
        }
      : { '/sys/fs/cgroup/memory': { directory: true } }),
    ...kernelConfig(release),
    [`/lib/modules/${release}/modules.builtin`]: 'kernel/fs/ext4/ext4.ko\n',
    [`/lib/modules/${release}/modules.dep`]: 'kernel/net/netfilter/nf_nat.ko:\nkernel/net/ipv4/ip_gre.ko:\n',
    ...Object.fromEntries(PROGRAMS.map((program) => [`/usr/bin/${program}`, { executable: '' } satisfies Entry])),
    ...Object.fromEntries(PLUGINS.map((plugin) => [`/opt/cni/bin/${plugin}`, { executable: '' } satisfies Entry])),
    ...processFiles(['systemd-timesyncd', 'containerd']),
  };
}

function mounts(cgroup: 1 | 2): string {
  const tree =
    cgroup === 2
      ? 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime 0 0\n'
      : 'tmpfs /sys/fs/cgroup tmpfs ro,nosuid,nodev,noexec 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n';
  return `/dev/vda1 / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\nsysfs /sys sysfs rw 0 0\n${tree}`;
}

const REQUIRED_OPTIONS = [
  'NAMESPACES',
  'NET_NS',
  'PID_NS',
  'IPC_NS',
  'UTS_NS',
  'CGROUPS',
  'CGROUP_BPF',
  'CGROUP_CPUACCT',
  'CGROUP_DEVICE',
  'CGROUP_FREEZER',
  'CGROUP_PIDS',
  'CGROUP_SCHED',
  'CPUSETS',
  'MEMCG',
  'INET',
  'EXT4_FS',
  'PROC_FS',
  'NETFILTER_XT_TARGET_REDIRECT',
  'NETFILTER_XT_MATCH_COMMENT',
  'FAIR_GROUP_SCHED',
  'OVERLAY_FS',
  'BLK_DEV_DM',
  'CFS_BANDWIDTH',
  'SECCOMP',
  'SECCOMP_FILTER',
];

function kernelConfig(release: string): Files {
  return { [`/boot/config-${release}`]: REQUIRED_OPTIONS.map((option) => `CONFIG_${option}=y\n`).join('') };
}

function interfaceFiles({ name, mac, mtu = 1500, down, files = {} }: Interface, index: number): Files {
  const at = `/sys/class/net/${name}`;
  const loopback = name === 'lo';
  return {
    [`${at}/address`]: `${mac}\n`,
    [`${at}/addr_assign_type`]: '0\n',
    [`${at}/ifindex`]: `${index}\n`,
    [`${at}/iflink`]: `${index}\n`,
    [`${at}/mtu`]: `${mtu}\n`,
    [`${at}/type`]: loopback ? '772\n' : '1\n',
    [`${at}/flags`]: loopback ? '0x9\n' : down ? '0x1002\n' : '0x1003\n',
    [`${at}/operstate`]: loopback ? 'unknown\n' : down ? 'down\n' : 'up\n',
    ...(down ? {} : { [`${at}/carrier`]: '1\n' }),
    [`${at}/uevent`]: `INTERFACE=${name}\nIFINDEX=${index}\n`,
    ...(loopback || 'bridge/bridge_id' in files || 'device' in files || `${at}/bridge` in files
      ? {}
      : { [`${at}/device`]: { link: `../../../devices/pci0000:00/0000:00:0${index}.0` } }),
    ...Object.fromEntries(Object.entries(files).map(([path, entry]) => [`${at}/${path}`, entry])),
  };
}

function sysctlFiles(interfaces: readonly Interface[], changed: Readonly<Record<string, string>>): Files {
  const names = ['all', 'default', ...interfaces.map(({ name }) => name)];
  const values: Record<string, string> = {
    'net/ipv4/ip_forward': '1',
    'net/ipv4/ip_local_port_range': '32768\t60999',
    'net/ipv4/ip_local_reserved_ports': '',
    'net/ipv4/neigh/default/gc_thresh1': '128',
    'net/ipv4/neigh/default/gc_thresh2': '512',
    'net/ipv4/neigh/default/gc_thresh3': '1024',
    'net/ipv6/bindv6only': '0',
    'net/ipv6/neigh/default/gc_thresh3': '1024',
    'net/bridge/bridge-nf-call-iptables': '1',
    'net/bridge/bridge-nf-call-ip6tables': '1',
    'net/netfilter/nf_conntrack_max': '262144',
    'vm/overcommit_memory': '1',
  };
  for (const name of names) {
    Object.assign(values, {
      [`net/ipv4/conf/${name}/rp_filter`]: '0',
      [`net/ipv4/conf/${name}/forwarding`]: '1',
      [`net/ipv6/conf/${name}/forwarding`]: '0',
      [`net/ipv6/conf/${name}/disable_ipv6`]: '0',
      [`net/ipv6/conf/${name}/accept_ra`]: '1',
    });
  }
  return Object.fromEntries(
    Object.entries({ ...values, ...changed }).map(([key, value]) => [`/proc/sys/${key}`, `${value}\n`]),
  );
}

/** A number as /proc/net writes an IPv4 address: hexadecimal, in the byte order of a little-endian machine. */
function littleEndian(bits: bigint): string {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(Number(bits));
  return buffer.toString('hex').toUpperCase();
}

function hex128(bits: bigint): string {
  return bits.toString(16).padStart(32, '0');
}

const ipOf = (text: string) => parseIp(text) ?? { family: 4 as const, bits: 0n };
const cidrOf = (text: string) => parseCidr(text) ?? { family: 4 as const, base: 0n, prefix: 0 };

function routingFiles(
  interfaces: readonly Interface[],
  gateways: readonly { interface: string; address: string }[],
): Files {
  const addresses = interfaces
    .filter(({ down }) => down === undefined)
    .flatMap(({ name, addresses: list }, index) =>
      list.map((cidr) => ({ name, index, cidr, ip: ipOf(cidr.split('/')[0] ?? '') })),
    );
  const v4 = addresses.filter(({ ip }) => ip.family === 4);
  const v6 = addresses.filter(({ ip }) => ip.family === 6);
  const row = (name: string, net: bigint, via: bigint, prefix: number) =>
    `${name}\t${littleEndian(net)}\t${littleEndian(via)}\t${via === 0n ? '0001' : '0003'}\t0\t0\t0\t${littleEndian(prefix === 0 ? 0n : (0xffffffffn << BigInt(32 - prefix)) & 0xffffffffn)}\t0\t0\t0\n`;
  const connected = v4
    .filter(({ name }) => name !== 'lo')
    .map(({ name, cidr }) => row(name, cidrOf(cidr).base, 0n, cidrOf(cidr).prefix));
  const defaults = gateways
    .filter(({ address }) => !address.includes(':'))
    .map((gateway) => row(gateway.interface, 0n, ipOf(gateway.address).bits, 0));
  const row6 = (name: string, net: bigint, prefix: number, via: bigint, metric: number) =>
    `${hex128(net)} ${prefix.toString(16).padStart(2, '0')} ${'0'.repeat(32)} 00 ${hex128(via)} ${metric.toString(16).padStart(8, '0')} 00000001 00000000 ${via === 0n ? '00000001' : '00000003'} ${name.padStart(8)}\n`;
  const connected6 = v6
    .filter(({ name }) => name !== 'lo')
    .map(({ name, cidr }) => row6(name, cidrOf(cidr).base, cidrOf(cidr).prefix, 0n, 256));
  const defaults6 = gateways
    .filter(({ address }) => address.includes(':'))
    .map((gateway) => row6(gateway.interface, 0n, 0, ipOf(gateway.address).bits, 1024));
  return {
    '/proc/net/route': `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n${[...defaults, ...connected].join('')}`,
    '/proc/net/ipv6_route': [...connected6, ...defaults6].join(''),
    '/proc/net/fib_trie': `Local:\n${v4.map(({ ip }) => `        |-- ${formatIp(ip)}\n           /32 host LOCAL\n`).join('')}`,
    '/proc/net/if_inet6': v6
      .map(
        ({ name, index, cidr, ip }) =>
          `${hex128(ip.bits)} ${(index + 1).toString(16).padStart(2, '0')} ${cidrOf(cidr).prefix.toString(16).padStart(2, '0')} ${cidr.startsWith('fe80') ? '20' : name === 'lo' ? '10' : '00'} 80 ${name.padStart(8)}\n`,
      )
      .join(''),
    '/proc/net/dev': `Inter-|   Receive\n face |bytes\n${interfaces.map(({ name }) => `${name.padStart(6)}: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n`).join('')}`,
  };
}

const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

function socketFiles(listeners: readonly Listener[]): Files {
  const tables: Record<string, string> = { tcp: HEADER, tcp6: HEADER, udp: HEADER, udp6: HEADER };
  const files: Record<string, Entry> = {};
  for (const [index, { protocol, address, port, process }] of listeners.entries()) {
    const ip = ipOf(address);
    const inode = 5000 + index;
    const pid = 600 + index;
    const local =
      ip.family === 4
        ? littleEndian(ip.bits)
        : hex128(ip.bits)
            .match(/.{8}/g)
            ?.map((word) => littleEndian(BigInt(`0x${word}`)))
            .join('');
    const zero = '0'.repeat(ip.family === 4 ? 8 : 32);
    const table = ip.family === 4 ? protocol : `${protocol}6`;
    const state = protocol === 'tcp' ? '0A' : '07';
    tables[table] +=
      `   ${index}: ${local}:${port.toString(16).toUpperCase().padStart(4, '0')} ${zero}:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;
    Object.assign(files, processFile(pid, process), { [`/proc/${pid}/fd/3`]: { link: `socket:[${inode}]` } });
  }
  return { ...Object.fromEntries(Object.entries(tables).map(([name, text]) => [`/proc/net/${name}`, text])), ...files };
}

function processFiles(names: readonly string[]): Files {
  return Object.assign({}, ...names.map((name, index) => processFile(300 + index + name.length * 10, name)));
}

function processFile(pid: number, name: string): Files {
  return {
    [`/proc/${pid}/comm`]: `${name.slice(0, 15)}\n`,
    [`/proc/${pid}/cmdline`]: `/usr/bin/${name}\0`,
    [`/proc/${pid}/exe`]: { link: `/usr/bin/${name}` },
    [`/proc/${pid}/cgroup`]: `0::/system.slice/${name}.service\n`,
    [`/proc/${pid}/fd/0`]: { link: '/dev/null' },
  };
}
