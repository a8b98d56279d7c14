import type { Bulk, Reach } from '../../evidence/reach.ts';
import { confirmBulk } from './confirm-bulk.ts';
import { confirm } from './confirm.ts';
import { look, type Pacing, type Trial } from './look.ts';
import type { MachineLocks } from './machine-locks.ts';
import type { Members } from './members.ts';
import type { Openings } from './openings.ts';
import { withOwnersStillThere } from './owners.ts';
import { openingOf, type Piece, type Wave } from './pieces.ts';
import type { Progress } from './progress.ts';
import { suspectsOf } from './suspects.ts';

export interface WaveContext {
  readonly members: Members;
  readonly run: string;
  readonly pacing: Pacing;
  readonly locks: MachineLocks;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

export interface Observed {
  readonly piece: Piece;
  readonly reaches: readonly Reach[];
  readonly bulk: Bulk | null;
}

/**
 * A first look at all pieces at once; then, once nothing else is on its way, a second one at what did not look well, between two machines at a time.
 * @param between What else is sent while the listeners are open, after the first look.
 */
export async function probeWave(
  wave: Wave,
  openings: Openings,
  { members, run, pacing, locks, signal, progress }: WaveContext,
  between: () => Promise<unknown>,
): Promise<Observed[]> {
  const openedOf = (piece: Piece) => openings.of(piece.request.to, openingOf(piece));
  const trials = wave.map((piece): Trial => ({
    piece,
    ports: [piece.ports],
    bulk: piece.request.kind === 'tcp' && piece.request.bulk,
    repeat: 1,
    connected: piece.ports.first === piece.ports.last,
  }));
  const looked = await look(members, run, trials, openedOf, pacing);
  await between();
  const reachesOf = new Map(looked.map(({ trial, reaches }) => [trial.piece, reaches] as const));
  const bulkOf = new Map(looked.map(({ trial, bulk }) => [trial.piece, bulk] as const));
  const suspicious = wave.filter(
    (piece) => bulkOf.get(piece)?.stalled === true || suspectsOf(piece, reachesOf.get(piece) ?? []).length > 0,
  );
  for (const piece of wave) if (!suspicious.includes(piece)) progress.done(piece, []);
  const pairs = Map.groupBy(suspicious, ({ request }) => [request.from, request.to].sort().join('\n'));
  await Promise.all(
    [...pairs.values()].map((pieces) =>
      locks.hold(machinesOf(pieces), async (exclusive) => {
        const observed = new Map(pieces.map((piece) => [piece, reachesOf.get(piece) ?? []] as const));
        const context = { members, run, openedOf, pacing, exclusive, signal };
        for (const [piece, confirmed] of await confirm(observed, context)) {
          const { reaches, bulk } = await confirmBulk(piece, confirmed, bulkOf.get(piece) ?? null, context);
          reachesOf.set(piece, await withOwnersStillThere(piece, reaches, openings));
          bulkOf.set(piece, bulk);
          progress.done(piece, reaches);
        }
      }),
    ),
  );
  return wave.map((piece) => ({ piece, reaches: reachesOf.get(piece) ?? [], bulk: bulkOf.get(piece) ?? null }));
}

function machinesOf(pieces: readonly Piece[]): string[] {
  return [...new Set(pieces.flatMap(({ request }) => [request.from, request.to]))];
}
