import type { Draft } from '../../engine/check.ts';
import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { kubeletMayLagBy } from '../../kubernetes/version-skew.ts';
import { parseVersion } from '../../values/version.ts';

/** Whether the kubelet that reports to the API fits it. */
export const KUBELET_VERSION_REASONS = {
  'kubelet-fits': 'pass',
  'kubelet-not-restarted': 'warn',
  'kubelet-too-new': 'fail',
  'kubelet-too-old': 'fail',
} as const;

type Finding = Draft<typeof KUBELET_VERSION_REASONS>;
type Node = NonNullable<Facts['clusterNodes']>[number];

export function kubeletFits(
  { kubeletVersion }: Node,
  installed: Reading<Facts['kubelet']>,
  networks: Reading<Facts['clusterNetworks']>,
): Finding[] {
  const subject = 'kubelet';
  const running = parseVersion(kubeletVersion ?? '');
  const version = 'value' in networks ? (networks.value?.version ?? '') : '';
  const server = parseVersion(version);
  if (running === null || server === null) return [];
  const lag = (server.major - running.major) * 1000 + server.minor - running.minor;
  const most = kubeletMayLagBy(server);
  const skew = {
    subject,
    message: `Kubelet ${kubeletVersion} runs here, and the API server is of version ${version}.`,
    why: 'A kubelet must not be newer than the API server, nor too old to understand it.',
    expected: `${server.major}.${server.minor}, or up to ${most} minor versions older`,
    actual: kubeletVersion ?? '',
  };
  if (lag < 0)
    return [
      {
        ...skew,
        reason: 'kubelet-too-new',
        remedy: {
          text: `Upgrade the control plane first, or install a kubelet of Kubernetes ${server.major}.${server.minor}.`,
        },
      },
    ];
  if (lag > most)
    return [
      {
        ...skew,
        reason: 'kubelet-too-old',
        remedy: {
          text: `Upgrade the kubelet of this node: https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/upgrading-linux-nodes/`,
        },
      },
    ];
  const here = 'value' in installed ? (installed.value.kubelet?.version ?? null) : null;
  if (here !== null && here !== (kubeletVersion ?? '').replace(/^v/, ''))
    return [
      {
        subject,
        reason: 'kubelet-not-restarted',
        message: `Kubelet ${here} is installed, and the one that runs reports ${kubeletVersion}.`,
        why: 'What was installed does not run before the kubelet is restarted.',
        expected: here,
        actual: kubeletVersion ?? '',
        remedy: {
          text: 'Restart it, in the order of an upgrade.',
          commands: ['systemctl daemon-reload', 'systemctl restart kubelet.service'],
        },
      },
    ];
  return [
    {
      subject,
      reason: 'kubelet-fits',
      message: `Kubelet ${kubeletVersion} fits the API server, ${version}.`,
    },
  ];
}
