import type { ClockResult } from '../../evidence/probes.ts';
import { clockOffset, type ClockExchange } from '../../probes/clock.ts';
import type { Members } from './members.ts';

/** Exchanges with each machine: the quickest one counts. */
const EXCHANGES = 8;

/** Offset of a machine's clock against this one's; null when it could not be asked. */
export async function readClock(members: Members, key: string): Promise<ClockResult | null> {
  const exchanges: ClockExchange[] = [];
  for (let count = 0; count < EXCHANGES; count++) {
    const sentMs = Date.now();
    const answer = await members.call(key, 'clock', {});
    if (answer === null) return null;
    exchanges.push({ sentMs, receivedMs: answer.receivedMs, answeredMs: answer.sentMs, cameBackMs: Date.now() });
  }
  return clockOffset(exchanges);
}
