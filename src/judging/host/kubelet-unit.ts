import type { Facts } from '../../evidence/facts.ts';
import { INSTALL } from './kubelet-program.ts';

/** Whether systemd starts the kubelet with the machine, with what kubeadm writes. */
export function judgeUnit(unit: Facts['kubelet']['unit'], isRunning: boolean) {
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
