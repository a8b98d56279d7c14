import type { Component } from './ports.ts';

/** Programs whose running, or not, something is judged by; names of executables, whole. */
export const COMPONENT_PROGRAMS: readonly Component[] = [
  'kubelet',
  'kube-proxy',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'etcd',
];

/** What kubeadm runs as static pods, each by a manifest of its name. */
export const STATIC_PODS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd'] as const;

const RUNTIME_PROGRAMS = ['containerd', 'crio', 'dockerd', 'cri-dockerd'] as const;

/** What disciplines a clock: https://wiki.archlinux.org/title/Time_synchronization, and linuxptp. */
export const CLOCK_PROGRAMS = [
  'chronyd',
  'ntpd',
  'openntpd',
  'systemd-timesyncd',
  'ntpd-rs',
  'ntp-daemon',
  'ptp4l',
  'phc2sys',
  'timemaster',
  'VBoxService',
  'vmtoolsd',
] as const;

const FIREWALL_PROGRAMS = ['firewalld'] as const;

export const WATCHED_PROGRAMS: readonly string[] = [
  ...COMPONENT_PROGRAMS,
  ...RUNTIME_PROGRAMS,
  ...CLOCK_PROGRAMS,
  ...FIREWALL_PROGRAMS,
];

/** Until 1.18 one program was all of them. */
export const ALL_COMPONENTS_PROGRAM = 'hyperkube';

/** They connect Services, and listen on the NodePorts that tell a Service's health; older ones held every NodePort open: kubernetes/kubernetes#108496 */
export const SERVICE_PROXIES: readonly string[] = [
  'kube-proxy',
  'cilium-agent',
  'kube-router',
  'antrea-agent',
  'calico-node',
  'ovnkube',
];

/** It holds a port that a container publishes: its unit is the container engine's, and not what to stop. */
export const PUBLISHING_PROGRAM = 'docker-proxy';

/** Units that a remedy never disables: whoever pasted it would lose the machine, its name service or its pods. */
export const ESSENTIAL_UNITS: readonly string[] = [
  'containerd.service',
  'crio.service',
  'cri-docker.service',
  'docker.service',
  'ssh.service',
  'sshd.service',
  'NetworkManager.service',
  'systemd-networkd.service',
  'systemd-resolved.service',
  'dbus.service',
];
