import { setTimeout as wait } from 'node:timers/promises';
import type { Reach } from '../../evidence/reach.ts';
import { intersect, portsOf, toRanges, type PortRange } from '../../values/port-range.ts';
import { wayOf, type Asking } from './ask-slowly.ts';
import { look } from './look.ts';
import type { Piece } from './pieces.ts';
import { cut, faceOf, isAnswered, isUnanswered, replaced } from './suspects.ts';

/** Nothing is sent between the two for so long: a rule that lets one connection through in a second has one to spare then. Milliseconds. */
const QUIET_MS = 1_500;
/** So many holes in the ranges of one way nobody made: it looks as if what comes too fast, or too much at a time, is dropped or refused. */
const MANY_HOLES = 6;

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
 * A firewall that limits how many connections may begin or stand, or how many datagrams come, in a second drops or refuses other packets each time: a sweep
 * has holes where no port is closed. So a port that answered once is not lost, and where ports came back, or the holes are many, some are asked alone before
 * they are held to be lost: if one of them answers then, nothing is known of the others.
 */
export async function weighLoss(
  known: ReadonlyMap<Piece, readonly Reach[]>,
  answered: Answered,
  context: Weighing,
): Promise<Map<Piece, readonly Reach[]>> {
  const weighed = new Map([...known].map(([piece, reaches]) => [piece, withoutContradicted(piece, reaches, answered)]));
  const ways = Map.groupBy([...weighed.keys()], (piece) => `${wayOf(piece)} ${piece.request.kind}`);
  for (const pieces of ways.values()) {
    const lost = pieces.flatMap((piece) => lostIn(piece, weighed.get(piece) ?? []));
    const isDoubtful = lost.filter(isHole).length >= MANY_HOLES || pieces.some((piece) => answered.has(piece));
    if (lost.length === 0 || !isDoubtful) continue;
    const why = await whyDoubted(lost, context);
    if (why === null) continue;
    for (const { piece, ports } of lost)
      weighed.set(piece, replaced(weighed.get(piece) ?? [], ports, doubted(cut(weighed.get(piece) ?? [], ports), why)));
  }
  return weighed;
}

interface Lost {
  readonly piece: Piece;
  readonly ports: PortRange;
}

function isHole({ piece, ports }: Lost): boolean {
  return ports.first !== piece.ports.first || ports.last !== piece.ports.last;
}

/** Stretches of which nothing is known but that no answer came. */
function lostIn(piece: Piece, reaches: readonly Reach[]): Lost[] {
  const own = reaches.filter(
    (reach) =>
      isUnanswered(faceOf(piece, reach)) &&
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

/** Null when three of them that are asked by themselves are answered no better than among the others. */
async function whyDoubted(lost: readonly Lost[], context: Weighing): Promise<string | null> {
  const { members, run, openedOf, pacing, signal } = context;
  if (signal.aborted) return 'the time of the run was up before it was asked by itself';
  const places = new Set([0, Math.floor(lost.length / 2), lost.length - 1]);
  const trials = [...places].flatMap((place) => {
    const { piece, ports } = lost[place] ?? {};
    if (piece === undefined || ports === undefined) return [];
    return [{ piece, ports: [{ first: ports.first, last: ports.first }], bulk: false, repeat: 1, connected: true }];
  });
  await wait(QUIET_MS);
  const looked = await look(members, run, trials, openedOf, pacing);
  return looked.some(({ trial: { piece, ports }, reaches }) =>
    ports.some((port) => cut(reaches, port).some((reach) => isAnswered(piece, reach))),
  )
    ? 'ports that did not answer do so when they are asked by themselves: a rule may limit how many connections or datagrams may come at a time'
    : null;
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
