/** A program that kubeadm's preflight looks for on PATH. */
export interface Command {
  readonly name: string;
  /** Without it kubeadm ends; otherwise it warns. */
  readonly required: boolean;
  /** The first minor version that looks for it, and the first that no longer does. */
  readonly since: string | null;
  readonly until: string | null;
  /** Who calls it, and for what. */
  readonly use: string;
  /** The package that has it: Debian's and Red Hat's names. */
  readonly packages: readonly [debian: string, redHat: string];
}

/**
 * Source: cmd/kubeadm/app/preflight/checks_linux.go of each release. ebtables and socat went with 1.32, and with patch releases of 1.28 to
 * 1.31; kubeadm wants crictl no more since it speaks CRI itself.
 */
export const commands: readonly Command[] = [
  {
    name: 'mount',
    required: true,
    since: null,
    until: null,
    use: 'the kubelet mounts volumes with it',
    packages: ['mount', 'util-linux'],
  },
  {
    name: 'losetup',
    required: true,
    since: '1.33',
    until: null,
    use: 'the kubelet attaches block volumes with it',
    packages: ['mount', 'util-linux'],
  },
  {
    name: 'cp',
    required: true,
    since: '1.33',
    until: null,
    use: 'kubeadm copies etcd’s directories with it',
    packages: ['coreutils', 'coreutils'],
  },
  {
    name: 'conntrack',
    required: true,
    since: '1.18',
    until: '1.32',
    use: 'kube-proxy clears stale UDP flows with it',
    packages: ['conntrack', 'conntrack-tools'],
  },
  {
    name: 'crictl',
    required: true,
    since: '1.11',
    until: '1.31',
    use: 'kubeadm asks the container runtime with it',
    packages: ['cri-tools', 'cri-tools'],
  },
  {
    name: 'ip',
    required: true,
    since: null,
    until: '1.33',
    use: 'kubeadm and network add-ons call it',
    packages: ['iproute2', 'iproute'],
  },
  {
    name: 'iptables',
    required: true,
    since: null,
    until: '1.33',
    use: 'the kubelet writes its firewall rules with it',
    packages: ['iptables', 'iptables-nft'],
  },
  {
    name: 'nsenter',
    required: true,
    since: null,
    until: '1.33',
    use: 'the kubelet enters namespaces with it',
    packages: ['util-linux', 'util-linux-core'],
  },
  {
    name: 'ebtables',
    required: false,
    since: null,
    until: '1.28',
    use: 'the kubelet’s own bridge plugin called it',
    packages: ['ebtables', 'iptables-nft'],
  },
  {
    name: 'socat',
    required: false,
    since: null,
    until: '1.28',
    use: 'kubectl port-forward went through it',
    packages: ['socat', 'socat'],
  },
  {
    name: 'ethtool',
    required: false,
    since: null,
    until: '1.33',
    use: 'the kubelet’s own bridge plugin called it',
    packages: ['ethtool', 'ethtool'],
  },
  {
    name: 'tc',
    required: false,
    since: null,
    until: '1.33',
    use: 'traffic shaping of pods calls it',
    packages: ['iproute2', 'iproute-tc'],
  },
  {
    name: 'touch',
    required: false,
    since: null,
    until: '1.33',
    use: 'kubeadm calls it',
    packages: ['coreutils', 'coreutils'],
  },
];
