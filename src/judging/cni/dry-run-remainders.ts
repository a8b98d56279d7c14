import type { PodsResult } from '../../evidence/pods.ts';
import type { Stage } from '../../plan/settings.ts';
import type { DryRunDraft } from './dry-run-reasons.ts';
import { commandsToRemove, remainderWords } from './remainder-words.ts';

/** Of our pods, after DEL. */
export function leaked({ left, putBack: mended }: PodsResult): DryRunDraft[] {
  if (left.length === 0) return [];
  const there = left.filter(({ what, name }) => !mended.some((each) => each.what === what && each.name === name));
  const after =
    there.length === 0 ? 'It was taken away now.' : there.length < left.length ? 'Some of it was taken away now.' : '';
  return [
    {
      subject: 'left',
      reason: 'leaked',
      message: `After DEL this was left of the pods: ${remainderWords(left)}. ${after}`.trim(),
      why: 'Each pod that goes leaves as much: addresses run out, and rules and interfaces pile up.',
      expected: 'nothing',
      actual: remainderWords(left),
      evidence: { left, stillThere: there },
      remedy: {
        text: `Update the plugins of the chain, or mend the one that made the ${left[0]?.what ?? 'rest'}${there.length === 0 ? '' : '; what is still there the commands take away, as far as one command does'}.`,
        commands: commandsToRemove(there),
      },
    },
  ];
}

/** By design, and so no leak: plugins make these for all pods that are to come. */
export function putBack({ left, putBack: mended }: PodsResult): DryRunDraft[] {
  const kept = mended.filter(({ what, name }) => !left.some((each) => each.what === what && each.name === name));
  if (kept.length === 0) return [];
  return [
    {
      subject: 'put back',
      reason: 'put-back',
      message: `Plugins keep this for pods that are to come, and it was put back: ${remainderWords(kept)}.`,
      evidence: { putBack: kept },
    },
  ];
}

/**
 * Whoever made it: no name in it leads to the pods. On a node that has joined kubelet and kube-proxy are at work; before that there is hardly anybody but
 * the plugins.
 */
export function meanwhile({ unclear }: PodsResult, stage: Stage): DryRunDraft[] {
  if (unclear.length === 0) return [];
  if (stage === 'fresh')
    return [
      {
        subject: 'meanwhile',
        reason: 'left-unclear',
        message: `After DEL this is there that was not before, and nothing tells whether a plugin left it: ${remainderWords(unclear)}. It was left alone.`,
        evidence: { unclear },
        remedy: {
          text: 'Run it again while nothing else changes the network of this machine: what comes again with each run is a plugin’s.',
        },
      },
    ];
  return [
    {
      subject: 'meanwhile',
      reason: 'changed-meanwhile',
      message: `While the pods were there this came to the machine, and nothing tells whose it is: ${remainderWords(unclear)}. It was left alone; what comes again with each run is a plugin’s.`,
      evidence: { unclear },
    },
  ];
}
