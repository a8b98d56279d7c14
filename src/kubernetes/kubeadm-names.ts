/**
 * Every name that kubeadm's preflight gives to a check, as `--ignore-preflight-errors` takes it, and who answers it here. Names began
 * with 1.9. Source: cmd/kubeadm/app/preflight/checks.go and cmd/kubeadm/app/phases/upgrade/health.go of each release.
 */
export type KubeadmName = {
  readonly name: string;
  /** The first and the last minor version that has it, as far as they are documented: null where they are not, and for `until` when it is still there. */
  readonly since: string | null;
  readonly until: string | null;
} & (
  | { /** The checks that judge what it judges. */ readonly answeredBy: readonly [string, ...string[]] }
  | { /** Why no check does. */ readonly notCovered: string }
);

type Lifetime = readonly [since: string | null, until: string | null];
const ALWAYS: Lifetime = ['1.9', null];

const answered = (check: string, [since, until]: Lifetime, ...names: readonly string[]): KubeadmName[] =>
  names.map((name) => ({ name, since, until, answeredBy: [check] }));
const notCovered = (name: string, [since, until]: Lifetime, reason: string): KubeadmName => ({
  name,
  since,
  until,
  notCovered: reason,
});

const UPGRADE =
  'Only `kubeadm upgrade` asks it, of a running cluster; seaworthy judges machines before they join and while they serve.';

export const kubeadmNames: readonly KubeadmName[] = [
  notCovered(
    'IsPrivilegedUser',
    ALWAYS,
    'seaworthy runs as any user; what only root may read becomes unknown instead of ending the run.',
  ),
  notCovered(
    'KubernetesVersion',
    ALWAYS,
    'It compares the version that is asked for with the release of kubeadm itself; the versions of what runs here are judged by host/kubelet.',
  ),
  ...answered('host/resources', [null, null], 'NumCPU'),
  ...answered('host/resources', ['1.20', null], 'Mem'),
  ...answered('network/firewall', ALWAYS, 'Firewalld'),
  ...answered('network/proxy', ALWAYS, 'HTTPProxy', 'HTTPProxyCIDR'),
  ...answered('ports/available', ALWAYS, 'Port-6443', 'Port-10250', 'Port-2379', 'Port-2380'),
  ...answered('ports/available', ['1.17', null], 'Port-10257', 'Port-10259'),
  ...answered('ports/available', ['1.9', '1.16'], 'Port-10251', 'Port-10252'),
  ...answered(
    'host/leftovers',
    ['1.10', null],
    'FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml',
    'FileAvailable--etc-kubernetes-manifests-kube-controller-manager.yaml',
    'FileAvailable--etc-kubernetes-manifests-kube-scheduler.yaml',
    'FileAvailable--etc-kubernetes-manifests-etcd.yaml',
  ),
  ...answered(
    'host/leftovers',
    ALWAYS,
    'FileAvailable--etc-kubernetes-kubelet.conf',
    'FileAvailable--etc-kubernetes-bootstrap-kubelet.conf',
    'FileAvailable--etc-kubernetes-pki-ca.crt',
    'DirAvailable--var-lib-etcd',
  ),
  notCovered(
    'DirAvailable--etc-kubernetes-manifests',
    ['1.9', '1.22'],
    'Later versions let other manifests lie there; host/leftovers names those of an earlier control plane.',
  ),
  ...answered(
    'kernel/ip-forward',
    ['1.11', null],
    'FileContent--proc-sys-net-ipv4-ip_forward',
    'FileContent--proc-sys-net-ipv6-conf-default-forwarding',
  ),
  ...answered(
    'kernel/bridge-netfilter',
    ['1.9', '1.29'],
    'FileContent--proc-sys-net-bridge-bridge-nf-call-iptables',
    'FileContent--proc-sys-net-bridge-bridge-nf-call-ip6tables',
  ),
  ...answered('control-plane/external-etcd', ALWAYS, 'ExternalEtcdVersion', 'ExternalEtcdClientCertificates'),
  ...answered('host/container-runtime', ALWAYS, 'CRI'),
  ...answered('host/container-runtime', ['1.35', null], 'ContainerRuntimeVersion'),
  ...answered('host/swap', ALWAYS, 'Swap'),
  ...answered('host/commands', ALWAYS, 'FileExisting-mount'),
  ...answered('host/commands', ['1.33', null], 'FileExisting-losetup', 'FileExisting-cp'),
  ...answered('host/commands', ['1.18', '1.31'], 'FileExisting-conntrack'),
  ...answered('host/commands', ['1.9', '1.31'], 'FileExisting-crictl', 'FileExisting-ebtables', 'FileExisting-socat'),
  ...answered(
    'host/commands',
    ['1.9', '1.32'],
    'FileExisting-ip',
    'FileExisting-iptables',
    'FileExisting-nsenter',
    'FileExisting-ethtool',
    'FileExisting-tc',
    'FileExisting-touch',
  ),
  {
    name: 'SystemVerification',
    since: '1.9',
    until: null,
    answeredBy: ['kernel/version', 'kernel/modules', 'kernel/cgroups'],
  },
  { name: 'Hostname', since: '1.9', until: null, answeredBy: ['identity/hostname', 'network/name-resolution'] },
  ...answered('host/kubelet', ALWAYS, 'KubeletVersion', 'Service-Kubelet'),
  ...answered('kernel/modules', ['1.11', null], 'RequiredIPVSKernelModulesAvailable', 'IPVSProxierCheck'),
  notCovered(
    'Service-Docker',
    ['1.9', '1.23'],
    'Docker stopped being a container runtime of Kubernetes with 1.24; host/container-runtime asks the CRI socket whatever serves it.',
  ),
  notCovered(
    'IsDockerSystemdCheck',
    ['1.14', '1.23'],
    'Docker stopped being a container runtime of Kubernetes with 1.24; host/container-runtime compares the cgroup drivers.',
  ),
  notCovered(
    'ImagePull',
    ['1.11', null],
    'It downloads the images of the control plane onto the machine; seaworthy changes nothing.',
  ),
  notCovered('CreateJob', [null, null], UPGRADE),
  notCovered('ControlPlaneNodesReady', [null, null], UPGRADE),
  notCovered('StaticPodManifest', [null, null], UPGRADE),
  notCovered('CoreDNSUnsupportedPlugins', [null, null], UPGRADE),
  notCovered('CoreDNSMigration', [null, null], UPGRADE),
];

/** Names that kubeadm makes from a port, a path, a program or a unit: any of these shapes may be meant. */
const SHAPES = [
  /^port-[0-9a-f.:[\]-]+$/,
  /^(?:fileavailable|diravailable|fileexisting|filecontent|service)-\S+$/,
] as const;

/** Whether an ignore list may hold this word: a name of kubeadm in any case, or `all`. */
export function isKubeadmName(name: string): boolean {
  const word = name.toLowerCase();
  return (
    word === 'all' ||
    kubeadmNames.some((known) => known.name.toLowerCase() === word) ||
    SHAPES.some((shape) => shape.test(word))
  );
}
