import { setTimeout as wait } from 'node:timers/promises';
import type { Reach } from '../../evidence/probes.ts';
import type { Opened } from '../protocol.ts';
import { cookiesSent, lostAt, movedBy, notLetOut, turnedBack, type Counted } from './counters.ts';
import { look, type Looked, type Pacing, type Trial } from './look.ts';
import type { Members } from './members.ts';
import { lengthOf, type Piece } from './pieces.ts';
import { samplesOf, type Suspect } from './suspects.ts';

/** So many connects to each port at a time tell by the kernel's counters what became of them, whatever else the machine does. */
const CONNECTS = 8;
/** Between the two sights that tell whether a machine is quiet. Milliseconds. */
const QUIET_MS = 100;

/** What a second look at one suspect showed: of the ports that were tried. */
export interface LookedAgain {
  readonly suspect: Suspect;
  readonly samples: readonly Reach[];
  readonly lagMs: number;
}

/** Looks once more at suspects between the same two machines, at no more than three ports of each, with the counters of both beside it. */
export async function lookAgain(
  members: Members,
  run: string,
  suspects: readonly Suspect[],
  openedOf: (piece: Piece) => readonly Opened[],
  { exclusive, pacing }: { readonly exclusive: boolean; readonly pacing: Pacing },
): Promise<LookedAgain[]> {
  const trials = suspects.map((suspect): Trial => {
    const { piece, ports } = suspect;
    // Where only the dressed ones are lost, or some of many, it is the whole that counts; where all are, a few with a socket each hear why.
    const connected = !suspect.face.endsWith('lossy');
    return { piece, ports: samplesOf(ports), bulk: false, repeat: exclusive ? CONNECTS : 1, connected };
  });
  const machines = [...new Set(suspects.flatMap(({ piece: { request } }) => [request.from, request.to]))];
  const sights = () => Promise.all(machines.map((key) => members.call(key, 'look', { run, from: null, ports: [] })));
  const quiet = exclusive ? await sights() : [];
  if (exclusive) await wait(QUIET_MS);
  const before = exclusive ? await sights() : [];
  const looked = await look(members, run, trials, openedOf, pacing);
  const after = exclusive ? await sights() : [];
  const counted = new Map(
    machines.flatMap((key, index) => {
      const [a, b, c] = [quiet[index], before[index], after[index]];
      return a == null || b == null || c == null ? [] : [[key, { quiet: a, before: b, after: c }] as const];
    }),
  );
  return suspects.flatMap((suspect, index) => {
    const each = looked[index];
    if (each === undefined) return [];
    const tried = each.reaches.filter(
      ({ ports, sender }) =>
        sender.sent > 0 && each.trial.ports.some(({ first }) => first >= ports.first && first <= ports.last),
    );
    const samples = tried.map((reach) => withCounters(reach, each, looked, counted));
    return [{ suspect, samples, lagMs: each.lagMs }];
  });
}

/** Adds what the counters of both sides prove, where it can be this look's alone. */
function withCounters(
  reach: Reach,
  looked: Looked,
  all: readonly Looked[],
  counted: ReadonlyMap<string, Counted>,
): Reach {
  const { request } = looked.trial.piece;
  const { receiver, sender } = reach;
  const family = request.address.includes(':') ? 6 : 4;
  const here = counted.get(request.from);
  const there = counted.get(request.to);
  if (receiver === null || request.kind !== 'tcp' || here === undefined || there === undefined) return reach;
  const packets = packetsOf(looked);
  const others = all.filter((each) => each !== looked && isWanting(each));
  const alone = (end: 'from' | 'to') =>
    others.every(({ trial }) => trial.piece.request.kind === 'udp' || trial.piece.request[end] !== request[end]);
  const sent = movedBy(here, family, notLetOut);
  const heldBack = alone('from')
    ? share(less(sent, refusedHere(all, request.from)), packets)
    : allOrNothing(sent, all, 'from', request.from);
  const back = movedBy(there, family, turnedBack);
  const cookies = movedBy(there, family, cookiesSent);
  const arrived = receiver.arrived > 0 || receiver.halfOpen > 0;
  return {
    ...reach,
    sender: { ...sender, heldBack },
    receiver: {
      ...receiver,
      turnedBack: alone('to') ? (share(back, packets) ?? 0) : (allOrNothing(back, all, 'to', request.to) ?? 0),
      cookies: share(cookies, 1) ?? 0,
      lostAt: lostAt(there, family, packets, arrived || (back ?? 0) >= packets),
    },
  };
}

/** Connects of a look, each of one packet at least. */
function packetsOf({ trial }: Looked): number {
  return trial.repeat * trial.ports.reduce((sum, range) => sum + lengthOf(range), 0);
}

/** Something of it did not come back. */
function isWanting({ reaches }: Looked): boolean {
  return reaches.some(({ sender }) => sender.sent > 0 && sender.outcome !== 'answered');
}

/** A count that is less than what was sent is of something else. */
function share(count: number | null, packets: number): number | null {
  return count === null ? null : count >= packets ? count : 0;
}

/** Of several looks at once: it is all of them, or none can be told. */
function allOrNothing(
  count: number | null,
  all: readonly Looked[],
  end: 'from' | 'to',
  machine: string,
): number | null {
  const same = all.filter(
    (each) => isWanting(each) && each.trial.piece.request.kind === 'tcp' && each.trial.piece.request[end] === machine,
  );
  const packets = same.reduce((sum, each) => sum + packetsOf(each), 0);
  if (count === null || count >= packets) return count;
  return count < Math.min(...same.map(packetsOf)) ? 0 : null;
}

/** Datagrams that the system call itself refused were counted on their way out too. */
function refusedHere(all: readonly Looked[], machine: string): number {
  return all
    .filter(({ trial }) => trial.piece.request.kind === 'udp' && trial.piece.request.from === machine)
    .flatMap(({ reaches }) => reaches)
    .reduce((sum, { sender, ports }) => sum + (sender.atOnce ? sender.sent * lengthOf(ports) : 0), 0);
}

function less(count: number | null, by: number): number | null {
  return count === null ? null : Math.max(0, count - by);
}
