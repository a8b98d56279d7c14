import type { Remedy } from '../../src/engine/check.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import type { Settings, Stage } from '../../src/plan/settings.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { shellQuote } from '../../src/values/shell.ts';

type Swap = Facts['swap'];

const WHY = 'A kubelet with its default configuration (failSwapOn: true) does not start while swap is on.';

export default defineCheck({
  id: 'host/swap',
  title: 'swap is off, or the kubelet is configured for it',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#swap-configuration',
  kubeadm: ['Swap'],
  stages: ['fresh', 'joined'],
  reasons: {
    off: 'pass',
    tolerated: 'pass',
    on: 'fail',
    'on-at-boot': 'warn',
    undecided: 'unknown',
    'not-shown': 'skip',
  },
  needs: ['swap'],
  wants: ['kubeletConfig'],
  judge({ swap, kubeletConfig }, { node: { stage }, plan }) {
    const subject = 'swap';
    if (swap.devices === null)
      return [
        { subject, reason: 'not-shown', message: 'This directory has no /proc that could show whether swap is on.' },
      ];
    const refuses = refusesSwap(kubeletConfig, stage, plan.kubeletConfiguration);
    const names = swap.devices.map(({ name }) => name);
    if (names.length === 0) {
      const atBoot = turnedOnBy(swap);
      return refuses === true && atBoot.length > 0
        ? [
            {
              subject,
              reason: 'on-at-boot',
              message: `Swap is off now, and ${atBoot.join(' and ')} will turn it on at the next boot.`,
              why: WHY,
              expected: 'off after a reboot too',
              actual: `turned on by ${atBoot.join(' and ')}`,
              evidence: { fstab: swap.fstab, units: swap.units, zramGenerator: swap.zramGenerator },
              remedy: remedyFor(swap),
            },
          ]
        : [{ subject, reason: 'off', message: 'No swap is on.' }];
    }
    const found = { subject, actual: `on: ${names.join(', ')}`, evidence: { devices: swap.devices } };
    if (refuses === false)
      return [
        { ...found, reason: 'tolerated', message: 'Swap is on, and the kubelet is configured to start with it.' },
      ];
    if (refuses === null) {
      return [
        {
          ...found,
          reason: 'undecided',
          message: 'Swap is on, and it could not be read whether this node’s kubelet is configured for it.',
        },
      ];
    }
    return [
      {
        ...found,
        reason: 'on',
        message: `Swap is on: ${names.join(', ')}.`,
        why: WHY,
        expected: 'off, or failSwapOn: false in the kubelet’s configuration',
        remedy: remedyFor(swap),
      },
    ];
  },
});

/**
 * Null when it cannot be told. Before a join the configuration file is that of an earlier cluster: kubeadm writes it anew, with the KubeletConfiguration that it is given; what the
 * administrator added in KUBELET_EXTRA_ARGS stays.
 */
function refusesSwap(
  reading: Reading<Facts['kubeletConfig']>,
  stage: Stage,
  given: Settings['kubeletConfiguration'],
): boolean | null {
  const config = 'value' in reading ? reading.value : null;
  const flag = (stage === 'fresh' ? config?.extraFlags : config?.flags)?.['fail-swap-on'];
  if (flag !== undefined) return flag !== 'false';
  if (stage === 'fresh') return given?.failSwapOn !== false;
  return config?.present === true ? config.failSwapOn !== false : null;
}

function turnedOnBy({ fstab, units, zramGenerator }: Swap): string[] {
  return [...(fstab.length > 0 ? ['/etc/fstab'] : []), ...units, ...(zramGenerator ? ['zram-generator'] : [])];
}

function remedyFor(swap: Swap): Remedy {
  const { devices, fstab, units, zramGenerator } = swap;
  const commands = [
    ...(devices !== null && devices.length > 0 ? ['swapoff -a'] : []),
    ...(fstab.length > 0
      ? [
          `sed -i.bak -E 's/^([[:space:]]*[^#[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+swap([[:space:]]|$))/#\\1/' /etc/fstab`,
        ]
      : []),
    ...units.map((unit) => `systemctl mask --now ${shellQuote(unit)}`),
    ...(zramGenerator ? [': > /etc/systemd/zram-generator.conf'] : []),
    // Partitions that systemd finds by their type, and packages of zram, hang on this target.
    ...(turnedOnBy(swap).length === 0 ? ['systemctl mask swap.target'] : []),
  ];
  return {
    text: 'Turn swap off for good. Where pods shall use swap, set failSwapOn: false and memorySwap in the KubeletConfiguration that kubeadm is given instead, and ignore Swap here.',
    commands,
  };
}
