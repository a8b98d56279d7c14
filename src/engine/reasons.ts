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
  'other-stage': 'skip',
  'other-role': 'skip',
  'not-named': 'skip',
  'no-peers': 'skip',
  'not-asked': 'skip',
} as const satisfies Reasons;

export type EngineReason = keyof typeof ENGINE_REASONS;

export function unreadReason(why: UnreadWhy): EngineReason {
  return `fact-${why}`;
}
