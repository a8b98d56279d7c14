import type { PodsHow } from '../evidence/pods.ts';
import type { PortRange } from '../values/port-range.ts';

export const ROLES = ['control-plane', 'worker', 'etcd'] as const;
export type Role = (typeof ROLES)[number];
export type Stage = 'fresh' | 'joined';
export type FailOn = 'fail' | 'unknown' | 'warn';

/** Where the value of a setting came from, the later ones stronger. */
export type Origin =
  | 'default'
  | 'saved facts'
  | 'cluster'
  | 'kubeadm configuration'
  | 'join command'
  | 'configuration'
  | 'environment'
  | 'flag';

/** What a pasted `kubeadm join` line says. The token is a secret: it is in no report, no saved evidence, no message. */
export interface JoinCommand {
  readonly endpoint: string;
  readonly token: string | null;
  readonly caCertHashes: readonly string[];
  readonly unsafeSkipCaVerification: boolean;
  readonly controlPlane: boolean;
}

/** An etcd that kubeadm does not run itself: paths are of the machine that is checked. */
export interface ExternalEtcd {
  readonly endpoints: readonly string[];
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

/** What the KubeletConfiguration that kubeadm is given says, of what is judged; null is not said. */
export interface KubeletConfiguration {
  readonly failSwapOn: boolean | null;
  readonly cgroupDriver: string | null;
  readonly failCgroupV1: boolean | null;
  readonly resolvConf: string | null;
}

/** Another machine of the run, as the user names it. */
export interface PeerName {
  /** What it is to be; none when it is to tell that itself. */
  readonly roles: readonly Role[];
  /** A name, or an address without brackets. */
  readonly host: string;
  /** Of its control channel. */
  readonly port: number;
  /** As it was said. */
  readonly text: string;
}

/** Where a peer, or `serve`, listens. */
export interface ListenAddress {
  /** Null for all of them. */
  readonly address: string | null;
  readonly port: number;
}

/** A fail that is known and allowed. */
export interface Waiver {
  /** Its id; null for any that gives the reason. */
  readonly check: string | null;
  readonly reason: string | null;
  /** A pattern: `*` stands for any characters, `?` for one. */
  readonly subject: string;
  /** Patterns of names; none for any. */
  readonly nodes: readonly string[];
  readonly why: string;
  /** The last day on which it holds, in UTC: `2026-12-31`; null for good. */
  readonly until: string | null;
  /** Where it is written, `/etc/seaworthy/seaworthy.yaml:3:5`. */
  readonly place: string;
}

/** One `-o FORMAT[=FILE]`; without a file it goes to standard output. */
export interface OutputTarget {
  readonly format: string;
  readonly file: string | null;
}

/** Every value that a user can set, merged; what nobody said and has no default is null or empty. It knows nothing of the machine. */
export interface Settings {
  readonly role: readonly Role[];
  readonly stage: Stage | null;
  /** `1.36`, the minor version that ports and checks go by. */
  readonly kubernetesVersion: string;
  readonly cni: string | null;
  readonly podCidr: readonly string[];
  readonly serviceCidr: readonly string[];
  readonly nodePortRange: PortRange;
  /** Null where nobody said: the runtime's own. */
  readonly cniConfDir: string | null;
  readonly cniBinDir: string | null;
  readonly criSocket: string | null;
  readonly nodeIp: readonly string[];
  readonly nodeName: string | null;
  /** HOST:PORT; the port is always there. */
  readonly controlPlaneEndpoint: string | null;
  /** kubeadm's localAPIEndpoint.bindPort. */
  readonly apiServerPort: number;
  /** kubeadm's localAPIEndpoint.advertiseAddress. */
  readonly advertiseAddress: string | null;
  readonly etcd: 'stacked' | 'external';
  readonly externalEtcd: ExternalEtcd | null;
  /** etcd's data directory with a stacked etcd. */
  readonly etcdDataDir: string;
  readonly proxyMode: 'iptables' | 'ipvs' | 'nftables' | null;
  /** The kubelet of a node that is yet to join will be configured so. */
  readonly kubeletConfiguration: KubeletConfiguration | null;
  readonly join: JoinCommand | null;
  /** The file that leads to a running cluster, or `in-cluster`: as the service account of a pod. */
  readonly kubeconfig: string | null;
  readonly peers: readonly PeerName[];
  /** Peers are reached over ssh, and started there. */
  readonly ssh: boolean;
  /** A file of Ansible's that names the peers; null where `peers` does. */
  readonly inventory: string | null;
  /** Milliseconds in which peers may yet come up. */
  readonly wait: number;
  readonly tokenFile: string | null;
  /** Null where nobody said: each command has a place of its own. */
  readonly listen: ListenAddress | null;
  /** A peer speaks over standard input and output, and not on a port. */
  readonly stdio: boolean;
  /** Milliseconds that a peer listens; null until a signal ends it. */
  readonly listenFor: number | null;
  /** Milliseconds from the start of one run of `serve` to the next. */
  readonly interval: number;
  /** `serve` may listen where other machines reach it. */
  readonly allowRemote: boolean;
  /** Pods take part; on a machine that listens, they may. Null where nobody asked. */
  readonly pods: PodsHow | null;
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly ignorePreflightErrors: readonly string[];
  /** The configuration alone says them. */
  readonly waivers: readonly Waiver[];
  readonly output: readonly OutputTarget[];
  readonly failOn: FailOn;
  /** Milliseconds that one attempt may take. */
  readonly timeout: number;
  /** Milliseconds that the whole run may take. */
  readonly budget: number;
  /** How many facts are read at a time. */
  readonly concurrency: number;
  readonly root: string | null;
  readonly config: string | null;
  readonly plugin: readonly string[];
  readonly saveFacts: string | null;
  readonly facts: readonly string[];
  /** What is written hides names, addresses and identities. */
  readonly redact: boolean;
  readonly color: boolean | null;
  readonly ascii: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** All that the user said, merged, each value with its origin. */
export interface Plan {
  readonly settings: Settings;
  readonly origins: Readonly<Record<keyof Settings, Origin>>;
}
