import { setTimeout as wait } from 'node:timers/promises';
import type { Reach } from '../../evidence/reach.ts';
import { intersect, portsOf, toRanges, type PortRange } from '../../values/port-range.ts';
import { wayOf, type Asking } from './ask-slowly.ts';
import { look } from './look.ts';
import type { Piece } from './pieces.ts';
import { cut, faceOf, isAnswered, isSilent, replaced } from './suspects.ts';

/** Nothing is sent between the two for so long: a rule that lets one connection through in a second has one to spare then. Milliseconds. */
const QUIET_MS = 1_500;
/** So many silent stretches on one way are no holes that somebody made: it looks as if what comes too fast is dropped. */
const MANY_HOLES = 6;
/** So many of them are asked by themselves. */
const MOST_ASKED = 3;

/** Ports that were not well once, and answered at some time, by piece. */
export type Answered = Map<Piece, Set<number>>;

export function noteAnswered(answered: Answered, piece: Piece, reaches: readonly Reach[]): void {
  const ranges = reaches.filter((reach) => isAnswered(piece, reach)).map(({ ports }) => ports);
  if (ranges.length > 0) answered.set(piece, new Set([...(answered.get(piece) ?? []), ...portsOf(ranges)]));
}

export interface Weighing extends Asking {
  readonly signal: AbortSignal;
}

/**
 * A firewall that limits how many connections may begin, or how many datagrams come, in a second drops other packets each time: a sweep is silent where no
 * port is closed. So a port that answered once is not lost, and where ports came back, or the holes are many, silent ones are asked alone before they are
 * held to be lost: if one of them answers then, nothing is known of the others.
 */
export async function weighSilence(
  known: ReadonlyMap<Piece, readonly Reach[]>,
  answered: Answered,
  context: Weighing,
): Promise<Map<Piece, readonly Reach[]>> {
  const weighed = new Map([...known].map(([piece, reaches]) => [piece, withoutContradicted(piece, reaches, answered)]));
  const ways = Map.groupBy([...weighed.keys()], (piece) => `${wayOf(piece)} ${piece.request.kind}`);
  for (const pieces of ways.values()) {
    const silent = pieces.flatMap((piece) => silentIn(piece, weighed.get(piece) ?? []));
    const isDoubtful = silent.length >= MANY_HOLES || pieces.some((piece) => answered.has(piece));
    if (silent.length === 0 || !isDoubtful) continue;
    const why = await whyDoubted(silent, context);
    if (why === null) continue;
    for (const { piece, ports } of silent)
      weighed.set(piece, replaced(weighed.get(piece) ?? [], ports, doubted(cut(weighed.get(piece) ?? [], ports), why)));
  }
  return weighed;
}

interface Silent {
  readonly piece: Piece;
  readonly ports: PortRange;
}

/** Stretches of which nothing is known but that they were silent. */
function silentIn(piece: Piece, reaches: readonly Reach[]): Silent[] {
  const own = reaches.filter(
    (reach) =>
      isSilent(faceOf(piece, reach)) &&
      reach.sender.neighbour !== 'failed' &&
      (reach.sender.heldBack ?? 0) === 0 &&
      (reach.receiver?.turnedBack ?? 0) === 0,
  );
  const out: { piece: Piece; ports: PortRange }[] = [];
  for (const { ports } of own) {
    const last = out.at(-1);
    if (last !== undefined && last.ports.last + 1 === ports.first) last.ports = { ...last.ports, last: ports.last };
    else out.push({ piece, ports });
  }
  return out;
}

/** Null when those that are asked by themselves are as silent as they were among the others. */
async function whyDoubted(silent: readonly Silent[], context: Weighing): Promise<string | null> {
  const { members, run, openedOf, pacing, signal } = context;
  const places = new Set([0, Math.floor(silent.length / 2), silent.length - 1].slice(0, MOST_ASKED));
  for (const place of places) {
    const asked = silent[place];
    if (asked === undefined) continue;
    if (signal.aborted) return 'the time of the run was up before it was asked by itself';
    await wait(QUIET_MS);
    const ports = { first: asked.ports.first, last: asked.ports.first };
    const trial = { piece: asked.piece, ports: [ports], bulk: false, repeat: 1, connected: true };
    const [looked] = await look(members, run, [trial], openedOf, pacing);
    if (cut(looked?.reaches ?? [], ports).some((reach) => isAnswered(asked.piece, reach)))
      return 'ports that were silent answer when they are asked by themselves: a rule may limit how many packets come in a second, and drop the others';
  }
  return null;
}

/** What answered once and was silent another time is not lost, and not well. */
function withoutContradicted(piece: Piece, reaches: readonly Reach[], answered: Answered): readonly Reach[] {
  const wrong = reaches.filter((reach) => !isAnswered(piece, reach) && reach.undecided === null);
  const contradicted = toRanges(answered.get(piece) ?? []).flatMap((range) =>
    wrong.flatMap(({ ports }) => intersect(range, ports) ?? []),
  );
  return contradicted.reduce(
    (all, ports) => replaced(all, ports, doubted(cut(all, ports), 'it answered once, and did not another time')),
    reaches,
  );
}

function doubted(reaches: readonly Reach[], why: string): Reach[] {
  return reaches.map((reach) => ({ ...reach, undecided: reach.undecided ?? why }));
}
