import type { JudgeContext } from '../../engine/check.ts';
import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { isRead } from '../reading.ts';

type KubeletConfig = Facts['kubeletConfig'];

/**
 * The kubelet's configuration as it will count. Where a node is yet to join and its KubeletConfiguration is given, kubeadm writes that one; a file
 * that is there already is of an earlier cluster.
 */
export function kubeletConfiguration(
  reading: Reading<KubeletConfig>,
  { node, plan }: JudgeContext,
): Reading<KubeletConfig> {
  if (plan.kubeletConfiguration === null || node.stage !== 'fresh' || !isRead(reading)) return reading;
  return { value: { ...reading.value, ...plan.kubeletConfiguration, present: false } };
}
