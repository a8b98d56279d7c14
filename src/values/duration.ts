const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a duration such as `500ms`, `5s`, `1.5m`, `2h` or `1m30s`; null when the text is none. A bare `0` is one. */
export function parseDuration(text: string): number | null {
  if (text === '0') return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    if (unit !== 'ms' && unit !== 's' && unit !== 'm' && unit !== 'h') return null;
    total += Number(amount) * UNITS[unit];
  }
  return Number.isFinite(total) ? Math.round(total) : null;
}

/** The shortest form that parses back to the same number of milliseconds. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  for (const unit of ['h', 'm', 's'] as const) if (ms % UNITS[unit] === 0) return `${ms / UNITS[unit]}${unit}`;
  return `${ms}ms`;
}
