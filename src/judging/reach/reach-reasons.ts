import type { Reasons } from '../../engine/check.ts';

/** What can be said of packets from one node to another. */
export const REACH_REASONS = {
  open: 'pass',
  'no-listener': 'unknown',
  'service-owned': 'skip',
  'kernel-owned': 'skip',
  rejected: 'fail',
  'request-lost': 'fail',
  'reply-lost': 'fail',
  lost: 'fail',
  'half-open': 'fail',
  'source-rewritten': 'warn',
  'wrong-host': 'fail',
  stalled: 'fail',
  lossy: 'warn',
  'encapsulation-lost': 'fail',
  'blocked-locally': 'fail',
  'no-neighbour': 'fail',
  'listener-unavailable': 'unknown',
  'peer-unreachable': 'unknown',
  undecided: 'unknown',
} as const satisfies Reasons;

export type ReachReason = keyof typeof REACH_REASONS;

type OfStatus<S extends string> = {
  [K in ReachReason]: (typeof REACH_REASONS)[K] extends S ? K : never;
}[ReachReason];

export type FaultReason = OfStatus<'fail' | 'warn'>;

export function isFault(reason: ReachReason): reason is FaultReason {
  return REACH_REASONS[reason] === 'fail' || REACH_REASONS[reason] === 'warn';
}
