import type { Draft } from '../../engine/check.ts';
import type { Facts } from '../../evidence/facts.ts';

/** Whether the API holds a node to be Ready. */
export const READINESS_REASONS = {
  ready: 'pass',
  'not-ready': 'fail',
  'not-heard': 'unknown',
} as const;

type Finding = Draft<typeof READINESS_REASONS>;
type Node = NonNullable<Facts['clusterNodes']>[number];

export function readiness({ name, ready, readyWhy }: Node): Finding {
  const subject = 'ready';
  if (ready === 'True') return { subject, reason: 'ready', message: `The API says that node ${name} is Ready.` };
  if (ready === null)
    return {
      subject,
      reason: 'not-heard',
      message: `Node ${name} is registered, and the API does not say yet whether it is Ready.`,
    };
  const unheard = ready === 'Unknown';
  return {
    subject,
    reason: 'not-ready',
    message: `The API says that node ${name} is not Ready${readyWhy === null ? '' : `: ${readyWhy.replace(/\.$/, '')}`}.`,
    why: 'No pods are put on it, and after some minutes those that are there are taken away.',
    expected: 'Ready: True',
    actual: `Ready: ${ready}`,
    remedy: {
      text: unheard
        ? 'Its kubelet has not reported for 40 seconds or more: see whether it runs and reaches the API server.'
        : 'What is missing is what the kubelet says; its journal says more.',
      commands: ['journalctl -u kubelet.service --since -10min'],
    },
  };
}
