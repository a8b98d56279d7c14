import type { Settings } from '../../src/plan/settings.ts';
import { recorded, type Entry, type Files } from './directory.ts';
import { machine, type Interface, type MachineOptions } from './machine.ts';

/** A machine with what the user says of it. A healthy one never shows a fail, a warn or an unknown. */
export interface Machine {
  readonly files: Files;
  readonly plan: Partial<Settings>;
  readonly healthy: boolean;
}

const eth0 = (address: string, mac = '52:54:00:12:34:01', more: Partial<Interface> = {}): Interface => ({
  name: 'eth0',
  mac,
  addresses: [address, 'fe80::5054:ff:fe12:3401/64'],
  ...more,
});
const gateway = { interface: 'eth0', address: '10.0.0.1' };
const worker: MachineOptions = { name: 'w1', interfaces: [eth0('10.0.0.12/24')], gateways: [gateway] };

const kubeletConfig =
  'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ncgroupDriver: systemd\ncontainerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n';
const chain =
  '{"cniVersion":"1.0.0","name":"cluster","plugins":[{"type":"bridge","bridge":"cni0","isGateway":true,"ipam":{"type":"host-local","ranges":[[{"subnet":"10.244.1.0/24"}]]}},{"type":"portmap","capabilities":{"portMappings":true}}]}';
const joined: Files = {
  '/etc/kubernetes/kubelet.conf': '',
  '/etc/kubernetes/pki/ca.crt': '',
  '/var/lib/kubelet/config.yaml': kubeletConfig,
  '/etc/cni/net.d/10-cluster.conflist': chain,
};
const served = [
  { protocol: 'tcp', address: '::', port: 10250, process: 'kubelet' },
  { protocol: 'tcp', address: '127.0.0.1', port: 10248, process: 'kubelet' },
] as const;
const proxied = [
  { protocol: 'tcp', address: '127.0.0.1', port: 10249, process: 'kube-proxy' },
  { protocol: 'tcp', address: '::', port: 10256, process: 'kube-proxy' },
] as const;

const without = (files: Files, ...paths: string[]): Files =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !paths.some((each) => path.startsWith(each))));

export const machines: Readonly<Record<string, Machine>> = {
  'recorded-kn1': { files: recorded('kn1'), plan: {}, healthy: true },
  'recorded-kn2': { files: recorded('kn2'), plan: {}, healthy: true },
  'recorded-kn3': { files: recorded('kn3'), plan: {}, healthy: true },
  'fresh-worker': { files: machine(worker), plan: { role: ['worker'] }, healthy: true },
  'fresh-control-plane': {
    files: machine({ ...worker, name: 'cp1' }),
    plan: { role: ['control-plane'], podCidr: ['10.244.0.0/16'], serviceCidr: ['10.96.0.0/12'] },
    healthy: true,
  },
  'fresh-any-role': { files: machine(worker), plan: {}, healthy: true },
  'joined-worker-proxy': {
    files: machine({ ...worker, listeners: [...served, ...proxied], files: joined }),
    plan: {},
    healthy: true,
  },
  'joined-worker-ipvs': {
    files: machine({ ...worker, listeners: [...served, ...proxied], files: joined }),
    plan: { proxyMode: 'ipvs' },
    healthy: true,
  },
  'joined-worker-no-proxy': {
    files: machine({ ...worker, listeners: served, files: joined }),
    plan: { cni: 'cilium-vxlan' },
    healthy: true,
  },
  'ipv6-only': {
    files: machine({
      name: 'w6',
      interfaces: [
        { name: 'eth0', mac: '52:54:00:12:34:06', addresses: ['2001:db8::12/64', 'fe80::5054:ff:fe12:3406/64'] },
      ],
      gateways: [{ interface: 'eth0', address: 'fe80::1' }],
      sysctls: {
        'net/ipv4/ip_forward': '0',
        'net/ipv6/conf/all/forwarding': '1',
        'net/ipv6/conf/default/forwarding': '1',
        'net/ipv6/conf/eth0/forwarding': '1',
        'net/ipv6/conf/eth0/accept_ra': '2',
      },
    }),
    plan: { role: ['worker'], podCidr: ['fd00:10:244::/56'], serviceCidr: ['fd00:10:96::/112'] },
    healthy: true,
  },
  'dual-stack': {
    files: machine({
      ...worker,
      interfaces: [
        {
          name: 'eth0',
          mac: '52:54:00:12:34:01',
          addresses: ['10.0.0.12/24', '2001:db8::12/64', 'fe80::5054:ff:fe12:3401/64'],
        },
      ],
      gateways: [gateway, { interface: 'eth0', address: 'fe80::1' }],
      sysctls: {
        'net/ipv6/conf/all/forwarding': '1',
        'net/ipv6/conf/default/forwarding': '1',
        'net/ipv6/conf/eth0/forwarding': '1',
        'net/ipv6/conf/eth0/accept_ra': '2',
      },
    }),
    plan: {
      role: ['worker'],
      podCidr: ['10.244.0.0/16', 'fd00:10:244::/56'],
      serviceCidr: ['10.96.0.0/12', 'fd00:10:96::/112'],
    },
    healthy: true,
  },
  rhel9: {
    files: {
      ...without(
        machine({ ...worker, name: 'rhel', release: '5.14.0-503.el9.x86_64', processes: ['chronyd'] }),
        '/run/systemd/timesync',
      ),
      '/etc/os-release': 'NAME="Red Hat Enterprise Linux"\nVERSION_ID="9.5"\nID="rhel"\n',
      '/proc/sys/net/ipv4/conf/all/rp_filter': '1\n',
      '/proc/sys/net/ipv4/conf/eth0/rp_filter': '1\n',
    },
    plan: { role: ['worker'] },
    healthy: true,
  },
  'several-nics': {
    files: machine({
      ...worker,
      interfaces: [
        eth0('10.0.0.12/24'),
        { name: 'eth1', mac: '52:54:00:12:34:02', addresses: ['192.168.50.12/24'] },
        {
          name: 'bond0',
          mac: '52:54:00:12:34:03',
          addresses: ['172.16.0.12/24'],
          files: { 'bonding/mode': 'active-backup 1\n', lower_eth2: { link: '../eth2' } },
        },
        { name: 'eth2', mac: '52:54:00:12:34:03', addresses: [], files: { master: { link: '../bond0' } } },
        {
          name: 'eth0.100',
          mac: '52:54:00:12:34:01',
          addresses: ['10.100.0.12/24'],
          files: { uevent: 'DEVTYPE=vlan\nINTERFACE=eth0.100\n', lower_eth0: { link: '../eth0' } },
        },
      ],
    }),
    // eth0.100 lies in the network that kubeadm takes by default.
    plan: { role: ['worker'], serviceCidr: ['172.20.0.0/16'] },
    healthy: true,
  },
  'no-dmi': { files: without(machine(worker), '/sys/class/dmi'), plan: { role: ['worker'] }, healthy: true },
  'port-clash': {
    files: machine({
      ...worker,
      listeners: [
        { protocol: 'tcp', address: '0.0.0.0', port: 10250, process: 'nginx' },
        { protocol: 'tcp', address: '127.0.0.1', port: 6443, process: 'haproxy' },
      ],
    }),
    plan: { role: ['worker'] },
    healthy: false,
  },
  'forwarding-off': {
    files: machine({
      ...worker,
      sysctls: { 'net/ipv4/ip_forward': '0' },
      files: { '/etc/sysctl.d/50-hardening.conf': '# hardening\n\nnet.ipv4.ip_forward = 0\n' },
    }),
    plan: { role: ['worker'] },
    healthy: false,
  },
  'cri-disabled': {
    files: machine({
      ...worker,
      files: { '/etc/containerd/config.toml': 'disabled_plugins = ["cri"]\n' } satisfies Record<string, Entry>,
    }),
    plan: { role: ['worker'] },
    healthy: false,
  },
  'broken-cni': {
    files: machine({
      ...worker,
      files: { ...joined, '/etc/cni/net.d/05-old.conf': '{"name": "old", "plugins": [' },
      listeners: [...served, ...proxied],
    }),
    plan: {},
    healthy: false,
  },
  'kubelet-dead': { files: machine({ ...worker, files: joined, listeners: proxied }), plan: {}, healthy: false },
  'swap-and-old-kernel': {
    files: machine({
      ...worker,
      release: '4.18.0-553.el8_10.x86_64',
      cgroup: 1,
      memory: 1024,
      files: {
        '/proc/swaps':
          'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/vda2                               partition\t2097148\t0\t-2\n',
      },
    }),
    plan: { role: ['control-plane'] },
    healthy: false,
  },
  'two-default-routes': {
    files: machine({
      ...worker,
      interfaces: [eth0('10.0.0.12/24'), { name: 'eth1', mac: '52:54:00:12:34:02', addresses: ['10.1.0.12/24'] }],
      gateways: [gateway, { interface: 'eth1', address: '10.1.0.1' }],
    }),
    plan: { role: ['worker'] },
    healthy: false,
  },
  'overlapping-networks': {
    files: machine(worker),
    plan: { role: ['control-plane'], podCidr: ['10.0.0.0/16'], serviceCidr: ['10.0.128.0/20'] },
    healthy: false,
  },
};
