import type { SenderSaw } from '../../evidence/reach.ts';

/** What a sender saw, with its times as exact as they mean something: waiting in whole milliseconds, a round trip in tenths of one. */
export function roundedTimes(saw: SenderSaw): SenderSaw {
  const { waitedMs, rttMs } = saw;
  return { ...saw, waitedMs: Math.round(waitedMs), rttMs: rttMs === null ? null : Math.round(rttMs * 10) / 10 };
}
