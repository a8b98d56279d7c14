import type { Node } from '../../engine/node.ts';
import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { CGROUP_DRIVER_FROM_CRI, KUBEADM_CGROUP_DRIVER, KUBELET_CGROUP_DRIVER } from '../../kubernetes/cri.ts';
import { isFrom } from '../../kubernetes/versions.ts';
import { parseVersion } from '../../values/version.ts';

type Runtime = Facts['containerRuntime'];
type Socket = Runtime['sockets'][number];
type Answers = NonNullable<Socket['answers']>;

/** The kubelet's driver and the runtime's must be the same, unless the kubelet takes it from the runtime. */
export function judgeCgroupDriver(
  socket: Socket,
  answers: Answers,
  containerd: Runtime['containerd'],
  kubeletConfig: Reading<Facts['kubeletConfig']>,
  node: Node,
) {
  const subject = 'cgroup driver';
  if (answers.cgroupDriver !== null && isFrom(node.kubernetesVersion, CGROUP_DRIVER_FROM_CRI)) {
    return {
      subject,
      reason: 'cgroup-driver' as const,
      message: `The runtime tells its cgroup driver (${answers.cgroupDriver}), and the kubelet takes it over.`,
      evidence: { runtime: answers.cgroupDriver },
    };
  }
  const runtime = answers.cgroupDriver ?? configuredDriver(socket, answers, containerd);
  const kubelet = kubeletDriver(kubeletConfig, node);
  if (runtime === null || kubelet === null) {
    return {
      subject,
      reason: 'cgroup-driver-not-told' as const,
      message:
        runtime === null
          ? 'The runtime does not tell its cgroup driver; it must be the kubelet’s.'
          : 'The kubelet’s configuration was not read, so its cgroup driver is not known.',
    };
  }
  const evidence = { runtime, kubelet: kubelet.driver };
  if (runtime === kubelet.driver) {
    return {
      subject,
      reason: 'cgroup-driver' as const,
      message: `The runtime and the kubelet use the cgroup driver ${runtime}.`,
      evidence,
    };
  }
  const shared = {
    subject,
    why: 'Two managers of one cgroup tree make a node unstable: pods are killed and started again.',
    expected: kubelet.driver,
    actual: runtime,
    evidence,
    remedy: remedyFor(socket, kubelet.driver, node),
  };
  return kubelet.certain
    ? {
        ...shared,
        reason: 'cgroup-driver-mismatch' as const,
        message: `The runtime uses the cgroup driver ${runtime}, the kubelet ${kubelet.driver}.`,
      }
    : {
        ...shared,
        reason: 'cgroup-driver-not-default' as const,
        message: `The runtime uses the cgroup driver ${runtime}; kubeadm gives kubelets ${kubelet.driver} unless its configuration says otherwise.`,
      };
}

/** containerd before 2.0 does not tell over CRI; its configuration does, and without one it is cgroupfs. */
function configuredDriver(
  { runtime }: Socket,
  { version }: Answers,
  containerd: Runtime['containerd'],
): 'systemd' | 'cgroupfs' | null {
  const number = parseVersion(version ?? '');
  if (runtime !== 'containerd' || number === null || number.major >= 2) return null;
  return containerd?.systemdCgroup === true ? 'systemd' : 'cgroupfs';
}

function kubeletDriver(
  reading: Reading<Facts['kubeletConfig']>,
  { stage }: Node,
): { driver: string; certain: boolean } | null {
  if (!('value' in reading)) return null;
  const { present, cgroupDriver, flags } = reading.value;
  const said = flags['cgroup-driver'] ?? cgroupDriver;
  if (present || said !== null) return { driver: said ?? KUBELET_CGROUP_DRIVER, certain: true };
  return stage === 'fresh' ? { driver: KUBEADM_CGROUP_DRIVER, certain: false } : null;
}

function remedyFor({ runtime }: Socket, driver: string, { stage }: Node) {
  const value = driver === 'systemd';
  const drain = stage === 'joined' ? ' Drain the node first.' : '';
  if (runtime !== 'containerd')
    return { text: `Set the cgroup driver of the runtime to ${driver} and restart it.${drain}` };
  return {
    text: `Set SystemdCgroup = ${value} in the options of the runc handler in /etc/containerd/config.toml and restart containerd.${drain} If the file has no such line, write a default configuration first: containerd config default.`,
    commands: [
      `grep -q 'SystemdCgroup' /etc/containerd/config.toml && sed -i 's/SystemdCgroup = ${!value}/SystemdCgroup = ${value}/' /etc/containerd/config.toml && systemctl restart containerd`,
    ],
  };
}
