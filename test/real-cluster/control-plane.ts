import { inject } from 'vitest';
import type { Host } from '../lab/lab.ts';
import { until } from './node.ts';

/** A node on which `kubeadm init` was run: etcd and the control plane are static pods there. */
export interface ControlPlane {
  readonly host: Host;
  /** HOST:PORT, as cluster-info and every kubeconfig of it have it. */
  readonly endpoint: string;
  readonly kubeadm: (command: string) => Promise<string>;
  /** With the credentials of the administrator. */
  readonly kubectl: (command: string) => Promise<string>;
  /** Objects as JSON or YAML; they are there afterwards, unless an option says otherwise. */
  readonly apply: (objects: string, ...options: readonly string[]) => Promise<string>;
}

interface ClusterOptions {
  /** The address of the host. */
  readonly address: string;
  /** HOST:PORT where nodes are to look for the API server; without it that is the API server itself. */
  readonly endpoint?: string;
}

export const POD_NETWORK = '10.244.0.0/16';
const SERVICE_NETWORK = '10.96.0.0/16';
/** What was asked of the API server, one JSON document a line; on the control plane. */
export const AUDIT_LOG = '/run/audit.log';

/** On a host that is prepared. */
export async function initControlPlane(
  host: Host,
  { address, endpoint = `${address}:6443` }: ClusterOptions,
): Promise<ControlPlane> {
  const programs = inject('kubernetesPrograms');
  host.write('/etc/kubernetes/audit/policy.yaml', AUDIT_POLICY);
  host.write('/etc/kubeadm.yaml', configuration(host.name, address, endpoint));
  const kubeadm = (command: string) => host.sh(`PATH=${programs}:$PATH kubeadm ${command}`);
  // Its preflight wants crictl, which Debian has not, and add-ons are images of others.
  await kubeadm('init --config /etc/kubeadm.yaml --skip-phases preflight,addon');
  const kubectl = (command: string) =>
    host.sh(`${programs}/kubectl --kubeconfig /etc/kubernetes/admin.conf ${command}`);
  await until(() => kubectl('get --raw /readyz'));
  return {
    host,
    endpoint,
    kubeadm,
    kubectl,
    apply: (objects, ...options) => {
      host.write('/run/objects.yaml', objects);
      return kubectl(`apply -f /run/objects.yaml ${options.join(' ')}`);
    },
  };
}

const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
`;

function configuration(name: string, address: string, endpoint: string): string {
  return `apiVersion: kubeadm.k8s.io/v1beta2
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: ${address} }
nodeRegistration: { name: ${name}, criSocket: /run/containerd/containerd.sock }
---
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
kubernetesVersion: v1.20.2
controlPlaneEndpoint: ${endpoint}
networking: { podSubnet: ${POD_NETWORK}, serviceSubnet: ${SERVICE_NETWORK} }
apiServer:
  extraArgs: { audit-policy-file: /etc/kubernetes/audit/policy.yaml, audit-log-path: /var/log/audit.log }
  extraVolumes:
  - { name: audit, hostPath: /etc/kubernetes/audit, mountPath: /etc/kubernetes/audit, readOnly: true }
  - { name: log, hostPath: /run, mountPath: /var/log }
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: cgroupfs
evictionHard: { memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1% }
`;
}
