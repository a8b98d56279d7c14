import type { FailedCall, PodsResult } from '../../evidence/pods.ts';
import type { DryRunDraft } from './dry-run-reasons.ts';
import { failureWords, pluginRemedy } from '../pods/plugin-failure.ts';

/** What happened to several pods is told once, by the first. */
export function callFinding(
  verb: keyof typeof WHY,
  reason: 'status-failed' | 'add-failed' | 'check-failed' | 'del-failed',
  failed: readonly FailedCall[],
  { network }: PodsResult,
): DryRunDraft[] {
  const [first] = failed;
  if (first === undefined) return [];
  if (first.kind === 'refused')
    return [
      {
        subject: verb,
        reason: 'undecided',
        message: `${verb} was not tried: ${failureWords(first)}. A runtime would run it all the same.`,
        evidence: { network, calls: failed },
      },
    ];
  const others = new Set(failed.map(({ plugin, message }) => `${plugin}\n${message}`)).size - 1;
  const more = others > 0 ? ` (and ${others} more like it)` : '';
  return [
    {
      subject: verb,
      reason: first.kind === 'timed-out' ? 'timed-out' : reason,
      message: `${verb} failed: ${failureWords(first)}${more}.`,
      why: WHY[verb],
      expected: `${verb} succeeds for each plugin${network === null ? '' : ` of ${network.file}`}`,
      actual: failureWords(first),
      evidence: { network, calls: failed },
      remedy: pluginRemedy(first, network),
    },
  ];
}

const WHY = {
  STATUS: 'The runtime tells the kubelet that the network is not ready, and no pod is started on this node.',
  ADD: 'Every pod of this node stays in ContainerCreating.',
  CHECK: 'A runtime that asks, as CRI-O does, takes the network of the pod for broken.',
  DEL: 'Pods stay in Terminating, and what the plugins gave them is not given back.',
} as const;
