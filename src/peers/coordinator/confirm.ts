import { setTimeout as wait } from 'node:timers/promises';
import type { Reach } from '../../evidence/probes.ts';
import type { Opened } from '../protocol.ts';
import { look, type Pacing } from './look.ts';
import type { Members } from './members.ts';
import type { Piece } from './pieces.ts';
import { lookAgain, type LookedAgain } from './second-look.ts';
import {
  cut,
  faceOf,
  halvesOf,
  isSilent,
  isTurnedAway,
  isWell,
  replaced,
  suspectsOf,
  type Suspect,
} from './suspects.ts';

/** A machine that did not come to look at its sockets for half of a silence proves nothing by it. */
export const LAGGING = 0.5;
/** After so many looks that do not agree it is said that they do not. */
export const ROUNDS = 4;
/** Until the kernel may send one more ICMP error to the same address (icmp_ratelimit, icmp_msgs_burst: ip-sysctl of the kernel). Milliseconds. */
const ICMP_PAUSE_MS = 1_100;

export interface Confirming {
  readonly members: Members;
  readonly run: string;
  readonly openedOf: (piece: Piece) => readonly Opened[];
  readonly pacing: Pacing;
  readonly exclusive: boolean;
  readonly signal: AbortSignal;
}

/** What is known of pieces between the same two machines once everything that did not look well was looked at again. */
export async function confirm(
  observed: ReadonlyMap<Piece, readonly Reach[]>,
  context: Confirming,
): Promise<Map<Piece, readonly Reach[]>> {
  const known = new Map(observed);
  let suspects = [...known].flatMap(([piece, reaches]) => suspectsOf(piece, reaches));
  for (let round = 1; suspects.length > 0; round++) {
    const put = ({ piece, ports }: Suspect, reaches: readonly Reach[]) =>
      known.set(piece, replaced(known.get(piece) ?? [], ports, reaches));
    if (context.signal.aborted || round > ROUNDS) {
      const why = context.signal.aborted
        ? 'the time of the run was up before a second look'
        : 'it looked different each time that it was looked at';
      for (const suspect of suspects) put(suspect, undecided(suspect.reaches, why));
      break;
    }
    const { members, run, openedOf, exclusive, pacing } = context;
    const looked = await lookAgain(members, run, suspects, openedOf, {
      exclusive,
      pacing: { ...pacing, attempts: round + 1 },
    });
    const open: Suspect[] = [];
    for (const each of looked) {
      const next = await judge(each, round, { ...context, refusing: refusing(known) });
      put(each.suspect, next.settled);
      open.push(...next.open);
    }
    suspects = open;
  }
  return known;
}

interface Next {
  /** What is known of the suspect's ports by now. */
  readonly settled: readonly Reach[];
  /** What of it is to be looked at again. */
  readonly open: readonly Suspect[];
}

async function judge(
  { suspect, samples, lagMs }: LookedAgain,
  round: number,
  context: Confirming & { readonly refusing: readonly string[] },
): Promise<Next> {
  const { piece, ports, face, reaches } = suspect;
  const [first] = samples;
  if (first === undefined || samples.some(({ undecided: why }) => why !== null)) {
    const why = samples.find(({ undecided: each }) => each !== null)?.undecided ?? 'it could not be looked at again';
    return { settled: undecided(reaches, why), open: [] };
  }
  if (lagMs > context.pacing.silenceMs * LAGGING) {
    if (round === ROUNDS) return { settled: undecided(reaches, 'the machines were too loaded to tell'), open: [] };
    return { settled: reaches, open: [suspect] };
  }
  const faces = samples.map((sample) => faceOf(piece, sample));
  // Of loss the later count counts; what is lost altogether is told by the first look, port by port.
  const asKernelsRefuse = [face, ...faces].every((each) => isSilent(each) || isTurnedAway(each));
  const isRefusing = [face, ...faces].some(isTurnedAway) || context.refusing.includes(wayOf(piece));
  if (asKernelsRefuse && isRefusing && faces.some(isSilent)) {
    const refusal = await askSlowly(suspect, samples, context);
    if (refusal !== null) return { settled: adopted(reaches, refusal), open: [] };
  }
  if (faces.every((each) => each === face))
    return { settled: face.endsWith('lossy') ? samples : asSeen(reaches, first), open: [] };
  // It was not so any more: the whole stretch is looked at anew, and more slowly.
  if (faces.some(isWell)) return afresh(suspect, round, context);
  const [other = face] = faces;
  if (faces.every((each) => each === other)) return { settled: adopted(reaches, first), open: [] };
  if (ports.first === ports.last) return { settled: asSeen(reaches, first), open: [] };
  return {
    settled: reaches,
    open: halvesOf(ports).map((half) => ({ piece, ports: half, face, reaches: cut(reaches, half) })),
  };
}

async function afresh({ piece, ports }: Suspect, round: number, context: Confirming): Promise<Next> {
  const { members, run, openedOf, pacing } = context;
  const slower = { ...pacing, inFlight: Math.max(4, Math.floor(pacing.inFlight / 8)), attempts: round + 1 };
  const [looked] = await look(
    members,
    run,
    [{ piece, ports: [ports], bulk: false, repeat: 1, connected: false }],
    openedOf,
    slower,
  );
  const reaches = cut(looked?.reaches ?? [], ports);
  return { settled: reaches, open: suspectsOf({ ...piece, ports }, reaches).map((suspect) => ({ ...suspect, piece })) };
}

/**
 * A kernel limits how many ICMP errors it sends to one address: those that heard nothing are asked one at a time, each with the time that another
 * error takes. What they were all told then, or null.
 */
async function askSlowly(
  { piece }: Suspect,
  samples: readonly Reach[],
  { members, run, openedOf, pacing }: Confirming,
): Promise<Reach | null> {
  const told: Reach[] = [];
  for (const sample of samples) {
    if (isTurnedAway(faceOf(piece, sample))) {
      told.push(sample);
      continue;
    }
    await wait(ICMP_PAUSE_MS);
    const trial = { piece, ports: [sample.ports], bulk: false, repeat: 1, connected: true };
    const [looked] = await look(members, run, [trial], openedOf, pacing);
    const [again] = cut(looked?.reaches ?? [], sample.ports);
    if (again === undefined || !isTurnedAway(faceOf(piece, again))) return null;
    told.push(again);
  }
  const [first] = told;
  return first !== undefined && told.every((each) => faceOf(piece, each) === faceOf(piece, first)) ? first : null;
}

/** Ways from one machine to another on which errors come back. */
function refusing(known: ReadonlyMap<Piece, readonly Reach[]>): string[] {
  return [...known].flatMap(([piece, reaches]) =>
    reaches.some((reach) => isTurnedAway(faceOf(piece, reach))) ? [wayOf(piece)] : [],
  );
}

function wayOf({ request }: Piece): string {
  return `${request.from} ${request.to}`;
}

function undecided(reaches: readonly Reach[], why: string): Reach[] {
  return reaches.map((reach) => ({ ...reach, undecided: why }));
}

/** What the second look proves holds for the whole stretch. */
function asSeen(reaches: readonly Reach[], { sender, receiver, attempts }: Reach): Reach[] {
  return reaches.map((reach) => ({
    ...reach,
    attempts,
    sender: { ...reach.sender, heldBack: sender.heldBack, neighbour: sender.neighbour ?? reach.sender.neighbour },
    receiver:
      reach.receiver === null || receiver === null
        ? reach.receiver
        : { ...reach.receiver, turnedBack: receiver.turnedBack, cookies: receiver.cookies, lostAt: receiver.lostAt },
  }));
}

/** All of them heard what these few heard once they were asked more slowly. */
function adopted(reaches: readonly Reach[], sample: Reach): Reach[] {
  return asSeen(reaches, sample).map((reach) => ({
    ...reach,
    sender: { ...sample.sender, waitedMs: Math.max(reach.sender.waitedMs, sample.sender.waitedMs) },
  }));
}
