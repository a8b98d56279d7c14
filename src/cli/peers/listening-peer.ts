import type { LocalPeer } from '../../peers/local/local-peer.ts';
import type { Plan } from '../../plan/settings.ts';
import { stayFrugal } from '../../system/frugal-memory.ts';
import { liveSystem } from '../../system/live.ts';
import { loadCatalogue } from '../run/catalogue.ts';
import { undoAbandoned } from './undo-abandoned.ts';

/** This machine as a peer of others, for as long as the program runs. */
export async function listeningPeer(plan: Plan, signal: AbortSignal): Promise<LocalPeer> {
  const catalogue = await loadCatalogue(plan);
  stayFrugal();
  await undoAbandoned(liveSystem());
  const { ownPeer } = await import('./own-peer.ts');
  return (await ownPeer({ plan, catalogue, signal })).peer;
}

/** What is not closed by then the kernel closes; putting back what was made for pods takes calls of plugins. Milliseconds. */
const CLOSING_MS = 1_000;
const PUTTING_BACK_MS = 20_000;

/** How long a peer of this plan may take to close and put back everything. Milliseconds. */
export function closingTime({ settings: { pods } }: Plan): number {
  return pods === null ? CLOSING_MS : PUTTING_BACK_MS;
}
