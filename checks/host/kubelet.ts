import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { judgeProgram } from '../../src/judging/host/kubelet-program.ts';
import { judgeUnit } from '../../src/judging/host/kubelet-unit.ts';

type Kubelet = Facts['kubelet'];

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
