import type { Reasons } from '../../engine/check.ts';
import type { PodWay, PodWayRequest } from '../../evidence/pods.ts';
import type { Bulk, Reach } from '../../evidence/reach.ts';
import { reachReason, type ReachVerdict } from '../reach/reach-reason.ts';
import type { ReachReason } from '../reach/reach-reasons.ts';

/** What can be said of packets from or to a pod: ports of pods are held by nobody but the run, those of their node it may have to leave alone. */
export const POD_REACH_REASONS = {
  open: 'pass',
  rejected: 'fail',
  'request-lost': 'fail',
  'reply-lost': 'fail',
  lost: 'fail',
  'half-open': 'fail',
  'source-rewritten': 'fail',
  'source-rewritten-at-node': 'warn',
  'wrong-host': 'fail',
  stalled: 'fail',
  lossy: 'warn',
  'blocked-locally': 'fail',
  'no-neighbour': 'fail',
  'not-open': 'skip',
  'listener-unavailable': 'unknown',
  'peer-unreachable': 'unknown',
  undecided: 'unknown',
} as const satisfies Reasons;

export type PodReachReason = keyof typeof POD_REACH_REASONS;

type OfStatus<S extends string> = {
  [K in PodReachReason]: (typeof POD_REACH_REASONS)[K] extends S ? K : never;
}[PodReachReason];
export type PodFault = OfStatus<'fail' | 'warn'>;

export function isPodFault(reason: PodReachReason): reason is PodFault {
  return POD_REACH_REASONS[reason] === 'fail' || POD_REACH_REASONS[reason] === 'warn';
}

export interface PodVerdict extends Omit<ReachVerdict, 'reason'> {
  readonly reason: PodReachReason;
}

/** What both sides saw of one protocol → the one reason; `bulk` goes with TCP. */
export function podReachReason(
  { from, to }: Pick<PodWayRequest, 'from' | 'to'>,
  way: Pick<PodWay, 'source'>,
  protocol: 'tcp' | 'udp',
  reach: Reach,
  bulk: Bulk | null,
): PodVerdict {
  // What leaves a pod has the address of the pod, whether or not its kernel told the one of the socket.
  const sender = { ...reach.sender, address: reach.sender.address ?? way.source };
  const verdict = reachReason({ ...reach, sender }, { protocol, to: to.machine });
  const { reason } = verdict;
  if (bulk?.stalled === true && verdict.proof === 'nonce') return { ...verdict, reason: 'stalled' };
  if (reason === 'source-rewritten' && (from.pod === null || to.pod === null))
    return { ...verdict, reason: 'source-rewritten-at-node' };
  if (to.pod === null && LEFT_ALONE.includes(reason)) return { ...verdict, reason: 'not-open' };
  if (isOfPods(reason)) return { ...verdict, reason };
  return { reason: 'undecided', proof: verdict.proof, why: `the port was not left to the run (${reason})` };
}

/** What a node that has joined does with its ports: none is opened there. */
const LEFT_ALONE: readonly ReachReason[] = ['no-listener', 'service-owned', 'kernel-owned'];

function isOfPods(reason: string): reason is PodReachReason {
  return Object.hasOwn(POD_REACH_REASONS, reason);
}
