import type { PodsResult } from '../evidence/pods.ts';
import type { UnreadWhy } from '../evidence/reading.ts';
import type { Reasons } from './check.ts';

/** The reasons that no check declares: the engine alone writes them. */
export const ENGINE_REASONS = {
  'fact-denied': 'unknown',
  'fact-missing': 'unknown',
  'fact-timeout': 'unknown',
  'fact-unsupported': 'unknown',
  'fact-error': 'unknown',
  'check-error': 'unknown',
  'budget-spent': 'unknown',
  interrupted: 'unknown',
  'waiver-expired': 'warn',
  'other-stage': 'skip',
  'other-role': 'skip',
  'not-named': 'skip',
  'no-peers': 'skip',
  'not-asked': 'skip',
} as const satisfies Reasons;

export type EngineReason = keyof typeof ENGINE_REASONS;

/** Pods that cannot be had are as a fact that cannot be read, where what keeps them away is the same. */
export function podsReason(why: NonNullable<PodsResult['none']>['why']): EngineReason | null {
  const reason = `fact-${why}`;
  return isEngineReason(reason) ? reason : null;
}

function isEngineReason(reason: string): reason is EngineReason {
  return Object.hasOwn(ENGINE_REASONS, reason);
}

export function unreadReason(why: UnreadWhy): EngineReason {
  return `fact-${why}`;
}
