import type { ClockResult } from '../evidence/probes.ts';

/**
 * Four readings of Date.now(), which truncates to milliseconds. Nothing finer will do: performance.now() does not follow a clock that is set while
 * the process lives.
 */
export interface ClockExchange {
  /** Milliseconds by the clock here. */
  readonly sentMs: number;
  /** By the clock there. */
  readonly receivedMs: number;
  readonly answeredMs: number;
  /** By the clock here again. */
  readonly cameBackMs: number;
}

/** A truncated reading is late by less than this. Milliseconds. */
const RESOLUTION_MS = 1;

interface Interval {
  readonly offsetMs: number;
  readonly halfMs: number;
}

/**
 * The offset by the exchange that took least time: it lies within half of that time of what is said, however unlike the two ways are. Exchanges
 * that contradict it, since a clock was set meanwhile, widen the uncertainty until they agree. Null when no exchange tells anything.
 */
export function clockOffset(exchanges: readonly ClockExchange[]): ClockResult | null {
  const intervals = exchanges.flatMap((exchange) => intervalOf(exchange) ?? []);
  const [first] = intervals;
  if (first === undefined) return null;
  const best = intervals.reduce((a, b) => (b.halfMs < a.halfMs ? b : a), first);
  const contradictions = intervals.map(({ offsetMs, halfMs }) => Math.abs(offsetMs - best.offsetMs) - halfMs);
  return {
    offsetMs: best.offsetMs,
    uncertaintyMs: Math.max(best.halfMs, ...contradictions),
    exchanges: intervals.length,
  };
}

/** Null when the answer took longer to make than to come, which a clock that was set in between looks like. */
function intervalOf({ sentMs, receivedMs, answeredMs, cameBackMs }: ClockExchange): Interval | null {
  const delayMs = cameBackMs - sentMs - (answeredMs - receivedMs);
  if (!(delayMs > -2 * RESOLUTION_MS)) return null;
  // Both ends of the interval are a difference of two readings: each can be wrong by one resolution.
  return {
    offsetMs: (receivedMs - sentMs + (answeredMs - cameBackMs)) / 2,
    halfMs: delayMs / 2 + RESOLUTION_MS,
  };
}
