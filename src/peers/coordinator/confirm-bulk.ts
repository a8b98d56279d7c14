import type { Bulk, Reach } from '../../evidence/reach.ts';
import { LAGGING, ROUNDS, type Confirming } from './confirm.ts';
import { look } from './look.ts';
import type { Piece } from './pieces.ts';
import { cut, replaced } from './suspects.ts';

interface Carried {
  readonly reaches: readonly Reach[];
  readonly bulk: Bulk | null;
}

/**
 * Carries bulk that stood still once more, when little else is on its way: among all the others a machine that comes to nothing looks like a path
 * that lets nothing large through. Where that cannot be told apart the port is undecided.
 */
export async function confirmBulk(
  piece: Piece,
  reaches: readonly Reach[],
  bulk: Bulk | null,
  { members, run, openedOf, pacing, signal }: Confirming,
): Promise<Carried> {
  if (bulk?.stalled !== true) return { reaches, bulk };
  const ports = { first: bulk.port, last: bulk.port };
  for (let round = 1; round <= ROUNDS && !signal.aborted; round++) {
    const trial = { piece, ports: [ports], bulk: true, repeat: 1, connected: false };
    const [looked] = await look(members, run, [trial], openedOf, pacing);
    const why = looked?.reaches.find(({ undecided }) => undecided !== null)?.undecided ?? null;
    if (looked === undefined || why !== null) return undecided(reaches, bulk, why ?? NOT_AGAIN);
    if (looked.bulk === null) return undecided(reaches, bulk, NOT_AGAIN);
    if (!looked.bulk.stalled || looked.lagMs <= pacing.silenceMs * LAGGING) return { reaches, bulk: looked.bulk };
  }
  return undecided(reaches, bulk, signal.aborted ? NOT_AGAIN : 'the machines were too loaded to tell');
}

const NOT_AGAIN = '200 kB stood still once and could not be carried again';

function undecided(reaches: readonly Reach[], { port }: Bulk, why: string): Carried {
  const ports = { first: port, last: port };
  const own = cut(reaches, ports).map((reach) => ({ ...reach, undecided: reach.undecided ?? why }));
  return { reaches: replaced(reaches, ports, own), bulk: null };
}
