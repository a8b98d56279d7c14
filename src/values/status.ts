/** From worst to best: the status of a check is that of its worst finding. */
export const STATUSES = ['fail', 'unknown', 'warn', 'pass', 'skip'] as const;

export type Status = (typeof STATUSES)[number];

export function worst(statuses: Iterable<Status>): Status {
  const seen = new Set(statuses);
  return STATUSES.find((status) => seen.has(status)) ?? 'skip';
}

/** Of a run, and of nothing else. */
export type Verdict = 'ready' | 'not-ready' | 'unknown';

export function verdictOf(statuses: Iterable<Status>): Verdict {
  const seen = new Set(statuses);
  if (seen.has('fail')) return 'not-ready';
  return seen.has('unknown') ? 'unknown' : 'ready';
}

/** How many there are of each, in the order of a report's summary. */
export function countsOf(statuses: readonly Status[]): Record<Status, number> {
  const count = (status: Status) => statuses.filter((each) => each === status).length;
  return {
    pass: count('pass'),
    warn: count('warn'),
    fail: count('fail'),
    unknown: count('unknown'),
    skip: count('skip'),
  };
}

/** The three that somebody has to look after. */
export function isFault(status: Status | null): boolean {
  return status === 'fail' || status === 'unknown' || status === 'warn';
}
