/** What fills a disk of a node, and where it is unless configured otherwise. */
export const KUBELET_DIRECTORY = '/var/lib/kubelet';
export const LOG_DIRECTORY = '/var/log';

/** Where each container runtime keeps images and containers, the usual one first; `socket` is part of its CRI socket's path. */
export const runtimeDirectories = [
  { socket: 'containerd', directory: '/var/lib/containerd' },
  { socket: 'crio', directory: '/var/lib/containers' },
  { socket: 'docker', directory: '/var/lib/docker' },
] as const;
