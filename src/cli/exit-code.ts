import type { FailOn } from '../plan/settings.ts';
import type { Report } from '../report/schema.ts';

/** Wrong usage or configuration, or the tool itself broke. */
export const BROKEN = 3;

/** `failOn` is the mildest status that makes it non-zero; `printed` is the format of standard output, of which one has codes of its own. */
export function exitCodeOf(summary: Report['summary'], failOn: FailOn, printed: string | null): number {
  const status = worstOf(summary, failOn);
  return printed === 'npd' ? NPD_CODES[status] : CODES[status];
}

const CODES = { fine: 0, warn: 1, fail: 2, unknown: 3 } as const;
/** What node-problem-detector asks of a custom plugin: OK, NonOK, Unknown. */
const NPD_CODES = { fine: 0, warn: 1, fail: 1, unknown: 2 } as const;

function worstOf({ fail, unknown, warn }: Report['summary'], failOn: FailOn): keyof typeof CODES {
  if (fail > 0) return 'fail';
  if (unknown > 0 && failOn !== 'fail') return 'unknown';
  return warn > 0 && failOn === 'warn' ? 'warn' : 'fine';
}
