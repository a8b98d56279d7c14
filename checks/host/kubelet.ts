import type { Node } from '../../src/engine/node.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { kubeletMayLagBy } from '../../src/kubernetes/version-skew.ts';
import { minorOf, parseVersion, type Version } from '../../src/values/version.ts';

type Kubelet = Facts['kubelet'];

const INSTALL = 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/';

export default defineCheck({
  id: 'host/kubelet',
  title: 'the kubelet is installed, of a version that fits, and starts with the machine',
  docs: 'https://kubernetes.io/releases/version-skew-policy/#kubelet',
  kubeadm: ['KubeletVersion', 'Service-Kubelet'],
  stages: ['fresh', 'joined'],
  reasons: {
    installed: 'pass',
    compatible: 'pass',
    missing: 'fail',
    broken: 'fail',
    'too-new': 'fail',
    'too-old': 'fail',
    'version-unread': 'unknown',
    enabled: 'pass',
    'unit-missing': 'warn',
    'not-enabled': 'warn',
    'not-configured': 'warn',
    running: 'pass',
    'not-running': 'fail',
    'processes-hidden': 'unknown',
    'not-shown': 'skip',
    'no-systemd': 'skip',
  },
  needs: ['kubelet'],
  wants: ['processes'],
  judge({ kubelet, processes }, { node }) {
    const pid = pidOf(processes);
    return [
      judgeProgram(kubelet, node, pid !== null),
      judgeUnit(kubelet.unit, pid !== null),
      ...(node.stage === 'joined' ? [judgeProcess(kubelet, processes, pid)] : []),
    ];
  },
});

function pidOf(processes: Reading<Facts['processes']>): number | null {
  const running = 'value' in processes ? processes.value.running : [];
  return running.find(({ name }) => name === 'kubelet')?.pid ?? null;
}

function judgeProgram({ kubelet }: Kubelet, node: Node, isRunning: boolean) {
  const common = { subject: 'version', kubeadm: 'KubeletVersion' };
  if (kubelet === null)
    return {
      ...common,
      reason: 'not-shown' as const,
      message: 'This directory holds no programs, so it cannot show the kubelet.',
    };
  const { path, version, problem } = kubelet;
  if (path === null && isRunning)
    return {
      ...common,
      reason: 'not-shown' as const,
      message: 'A kubelet runs here, and its program is not on PATH: its version was not asked.',
    };
  if (path === null) {
    return {
      ...common,
      reason: 'missing' as const,
      message: 'The kubelet is not installed: there is none on PATH.',
      why: 'kubeadm ends without it, and nothing would run pods here.',
      expected: 'kubelet on PATH',
      actual: 'not found',
      remedy: {
        text: `Install kubelet and kubeadm of the cluster's version from the package repository of Kubernetes: ${INSTALL}`,
      },
    };
  }
  if (problem?.kind === 'failed') {
    return {
      ...common,
      reason: 'broken' as const,
      message: `The kubelet cannot run: ${problem.detail}.`,
      why: 'kubeadm ends when the kubelet does not tell its version, and nothing would run pods here.',
      expected: 'kubelet --version prints its version',
      actual: problem.detail,
      remedy: { text: `Install the kubelet anew, for this machine's processor: ${INSTALL}` },
    };
  }
  if (problem !== null)
    return {
      ...common,
      reason: 'version-unread' as const,
      message: `The kubelet's version is not known: ${problem.detail}.`,
    };
  const own = version === null ? null : parseVersion(version);
  if (own === null)
    return {
      ...common,
      reason: 'not-shown' as const,
      message: `There is a kubelet at ${path}; programs of a directory are not run.`,
    };
  return judgeSkew(own, wanted(node), path);
}

/** What the kubelet must fit. Null when nothing but itself tells the version of the cluster. */
function wanted({ kubernetesVersion, versionFrom }: Node): Version | null {
  return versionFrom === 'default' || versionFrom === 'kubelet' ? null : parseVersion(kubernetesVersion);
}

function judgeSkew(own: Version, wantedVersion: Version | null, path: string) {
  const text = `${own.major}.${own.minor}.${own.patch}${own.suffix}`;
  const common = { subject: 'version', kubeadm: 'KubeletVersion', actual: text, evidence: { path, version: text } };
  if (wantedVersion === null)
    return {
      ...common,
      reason: 'installed' as const,
      message: `Kubelet ${text} is installed; no version was given to compare it with.`,
    };
  const wantedMinor = minorOf(wantedVersion);
  const lag = (wantedVersion.major - own.major) * 1000 + wantedVersion.minor - own.minor;
  const most = kubeletMayLagBy(wantedVersion);
  const skew = {
    ...common,
    expected: `${wantedMinor}, or up to ${most} minor versions older`,
    message: `Kubelet ${text} is installed, for Kubernetes ${wantedMinor}.`,
    why: 'A kubelet must not be newer than the API server, nor too old to understand it; kubeadm ends.',
    remedy: { text: `Install a kubelet of Kubernetes ${wantedMinor}: ${INSTALL}` },
  };
  if (lag < 0) return { ...skew, reason: 'too-new' as const };
  if (lag > most) return { ...skew, reason: 'too-old' as const };
  return { ...common, reason: 'compatible' as const, message: `Kubelet ${text} fits Kubernetes ${wantedMinor}.` };
}

function judgeUnit(unit: Kubelet['unit'], isRunning: boolean) {
  const common = { subject: 'kubelet.service', kubeadm: 'Service-Kubelet' };
  if (unit === null)
    return {
      ...common,
      reason: 'no-systemd' as const,
      message: 'No systemd is to be seen here: how the kubelet is started was not looked at.',
    };
  const { present, masked, enabled, configured } = unit;
  if (!present) {
    return {
      ...common,
      reason: 'unit-missing' as const,
      message: isRunning
        ? 'A kubelet runs, and there is no unit kubelet.service.'
        : 'There is no unit kubelet.service: nothing starts the kubelet.',
      why: 'kubeadm starts the kubelet by this unit and waits for it; without it the kubelet is not back after a reboot either.',
      expected: 'kubelet.service',
      actual: 'no such unit',
      remedy: { text: `Install the kubelet from its package, which has the unit, or add the unit by hand: ${INSTALL}` },
    };
  }
  if (masked || !enabled) {
    return {
      ...common,
      reason: 'not-enabled' as const,
      message: masked ? 'kubelet.service is masked: it cannot be started.' : 'kubelet.service is not enabled.',
      why: 'The kubelet does not start when the machine boots, and the node is gone after a reboot.',
      expected: 'enabled',
      actual: masked ? 'masked' : 'not enabled',
      remedy: {
        text: 'Enable it. Until kubeadm has configured the node it restarts every few seconds: that is normal.',
        commands: [...(masked ? ['systemctl unmask kubelet.service'] : []), 'systemctl enable --now kubelet.service'],
      },
    };
  }
  if (!configured) {
    return {
      ...common,
      reason: 'not-configured' as const,
      message: 'kubelet.service does not read what kubeadm writes: neither it nor a drop-in names a kubeconfig.',
      why: 'The kubelet would start without a cluster, and kubeadm would wait for it in vain.',
      expected: 'the drop-in 10-kubeadm.conf',
      actual: 'no kubeconfig in the unit or its drop-ins',
      remedy: { text: `Install the package kubeadm, which has the drop-in, or add it by hand: ${INSTALL}` },
    };
  }
  return { ...common, reason: 'enabled' as const, message: 'kubelet.service is enabled.' };
}

function judgeProcess({ otherProcesses }: Kubelet, processes: Reading<Facts['processes']>, pid: number | null) {
  const subject = 'process';
  if (pid !== null)
    return { subject, reason: 'running' as const, message: `The kubelet runs as process ${pid}.`, evidence: { pid } };
  if (otherProcesses === 'not-recorded')
    return {
      subject,
      reason: 'not-shown' as const,
      message: 'This directory has no /proc that could show whether the kubelet runs.',
    };
  if (otherProcesses === 'hidden' || !('value' in processes))
    return {
      subject,
      reason: 'processes-hidden' as const,
      message: 'Processes of other users are hidden: whether the kubelet runs is not known.',
    };
  return {
    subject,
    reason: 'not-running' as const,
    message: 'The kubelet does not run, although this machine has joined a cluster.',
    why: 'The node turns NotReady, and its pods are given up.',
    expected: 'kubelet runs',
    actual: 'no such process',
    remedy: {
      text: 'Start it; if it ends again, its last words are in the journal: journalctl -u kubelet.',
      commands: ['systemctl enable --now kubelet.service'],
    },
  };
}
