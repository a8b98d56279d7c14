import type { Draft } from '../../engine/check.ts';
import { ABSENT_REASONS } from '../pods/pods-there.ts';

const { 'no-pods': _, ...NOT_RUN } = ABSENT_REASONS;

/** What can be said of a chain that was run, or was to be run, for throw-away pods. */
export const DRY_RUN_REASONS = {
  ...NOT_RUN,
  works: 'pass',
  'put-back': 'pass',
  'changed-meanwhile': 'pass',
  'check-disputed': 'pass',
  'check-doubtful': 'warn',
  'left-unclear': 'unknown',
  'status-failed': 'fail',
  'add-failed': 'fail',
  'not-as-claimed': 'fail',
  'no-traffic': 'fail',
  'check-failed': 'fail',
  'del-failed': 'fail',
  'timed-out': 'fail',
  leaked: 'fail',
} as const;

export type DryRunDraft = Draft<typeof DRY_RUN_REASONS>;
