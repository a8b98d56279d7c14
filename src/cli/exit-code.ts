import type { FailOn } from '../plan/settings.ts';
import type { Report } from '../report/schema.ts';

/** Wrong usage or configuration, or the tool itself broke. */
export const BROKEN = 3;

/** `failOn` is the mildest status that makes it non-zero. */
export function exitCodeOf({ fail, unknown, warn }: Report['summary'], failOn: FailOn): number {
  if (fail > 0) return 2;
  if (unknown > 0 && failOn !== 'fail') return 3;
  return warn > 0 && failOn === 'warn' ? 1 : 0;
}
