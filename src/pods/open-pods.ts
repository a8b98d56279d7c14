import { openExisting } from './existing/existing.ts';
import type { OpenedPods, PodsAsked, PodsMachine } from './opened-pods.ts';
import { openThrowAway } from './throw-away/throw-away.ts';

/** Pods of this machine that packets can be sent from. Why there are none is in the result: it rejects for nothing that a machine can do. */
export async function openPods(machine: PodsMachine, asked: PodsAsked): Promise<OpenedPods> {
  return asked.how === 'existing' ? openExisting(machine, asked) : openThrowAway(machine, asked);
}
