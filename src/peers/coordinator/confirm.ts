import { setTimeout as wait } from 'node:timers/promises';
import type { Reach } from '../../evidence/reach.ts';
import { portsOf, type PortRange } from '../../values/port-range.ts';
import { askSlowly, ICMP_PAUSE_MS, type Asking } from './ask-slowly.ts';
import { adopted, asSeen } from './carry-over.ts';
import { look } from './look.ts';
import type { Piece } from './pieces.ts';
import { countRefusals } from './refusals.ts';
import { noteAnswered, weighLoss, type Answered } from './rate-limits.ts';
import { lookAgain, type LookedAgain } from './second-look.ts';
import {
  cut,
  faceOf,
  halvesOf,
  isSilent,
  isTurnedAway,
  isWell,
  joined,
  replaced,
  suspectsOf,
  type Suspect,
} from './suspects.ts';

/** A machine that did not come to look at its sockets for half of a silence proves nothing by it. */
export const LAGGING = 0.5;
/** After so many looks that do not agree it is said that they do not. */
export const ROUNDS = 6;

/** So many errors show where ports begin that are turned away, and that it is no single one. */
const ICMP_ERRORS = 3;

export interface Confirming extends Asking {
  readonly exclusive: boolean;
  readonly signal: AbortSignal;
}

/** What is known of pieces between the same two machines once everything that did not look well was looked at again. */
export async function confirm(
  observed: ReadonlyMap<Piece, readonly Reach[]>,
  context: Confirming,
): Promise<Map<Piece, readonly Reach[]>> {
  const { members, run, openedOf, exclusive, pacing } = context;
  const counted = exclusive ? await countRefusals(observed, context) : new Map();
  const known = new Map([...observed, ...counted]);
  // What the peer itself counted as refused needs no second look; what it did not refuse is silent as before.
  let suspects = [...known].flatMap(([piece, reaches]) =>
    counted.has(piece)
      ? suspectsOf(piece, reaches).filter(({ face }) => !isTurnedAway(face))
      : joined(suspectsOf(piece, reaches)),
  );
  const answered: Answered = new Map();
  for (const { piece, reaches } of suspects) noteAnswered(answered, piece, reaches);
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
    const again = { ...context, pacing: { ...pacing, attempts: round + 1 } };
    const looked = await lookAgain(members, run, suspects, openedOf, again);
    for (const { suspect, samples } of looked) noteAnswered(answered, suspect.piece, samples);
    const isCounted = ({ suspect: { piece } }: LookedAgain) => counted.has(piece);
    const uncounted = new Map([...known].filter(([piece]) => !counted.has(piece)));
    const heard = [
      ...looked.filter(isCounted),
      ...(await askSlowly(
        looked.filter((each) => !isCounted(each)),
        uncounted,
        again,
      )),
    ];
    const open: Suspect[] = [];
    for (const each of heard) {
      const next = await judge(each, round, again);
      put(each.suspect, next.settled);
      noteAnswered(answered, each.suspect.piece, next.settled);
      open.push(...next.open);
    }
    suspects = open;
  }
  return weighLoss(known, answered, context);
}

interface Next {
  /** What is known of the suspect's ports by now. */
  readonly settled: readonly Reach[];
  /** What of it is to be looked at again. */
  readonly open: readonly Suspect[];
}

async function judge({ suspect, samples, lagMs }: LookedAgain, round: number, context: Confirming): Promise<Next> {
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
  if (suspect.joined) {
    if (faces.every((each) => each === face)) return { settled: adopted(reaches, first), open: [] };
    return { settled: reaches, open: suspectsOf(piece, reaches) };
  }
  // Of loss the later count counts; what is lost altogether is told by the first look, port by port.
  if (faces.every((each) => each === face))
    return { settled: face.endsWith('lossy') ? withEach(reaches, samples) : asSeen(reaches, first), open: [] };
  // It was not so any more: the whole stretch is looked at anew, and more slowly.
  if (faces.some(isWell)) return afresh(suspect, context);
  // Those of a long stretch that are asked first use up the errors that a kernel sends: from the silent end the first error shows where it ends.
  if (ports.last - ports.first > faces.length && [face, ...faces].every((each) => isSilent(each) || isTurnedAway(each)))
    return afresh(
      suspect,
      context,
      isTurnedAway(faces[0] ?? ''),
      samples.filter((each) => isTurnedAway(faceOf(piece, each))),
    );
  const [other = face] = faces;
  if (faces.every((each) => each === other)) return { settled: adopted(reaches, first), open: [] };
  if (ports.first === ports.last) return { settled: asSeen(reaches, first), open: [] };
  return {
    settled: reaches,
    open: halvesOf(ports).map((half) => ({ ...suspect, ports: half, reaches: cut(reaches, half) })),
  };
}

/** Looks at the whole stretch once more: of silent ones that may have been turned away from its first port or from its last, so that the first errors tell where they begin. */
async function afresh(
  { piece, ports }: Suspect,
  context: Confirming,
  backwards?: boolean,
  told: readonly Reach[] = [],
): Promise<Next> {
  const { members, run, openedOf, pacing } = context;
  const atBoundary = backwards !== undefined;
  if (atBoundary) await wait(ICMP_ERRORS * ICMP_PAUSE_MS);
  const slower = atBoundary ? pacing : { ...pacing, inFlight: Math.max(4, Math.floor(pacing.inFlight / 8)) };
  const [looked] = await look(
    members,
    run,
    [
      {
        piece,
        ports: backwards === true ? portsOf([ports]).toReversed().map(alone) : [ports],
        bulk: false,
        repeat: 1,
        connected: atBoundary,
      },
    ],
    openedOf,
    slower,
  );
  const reaches = withEach(cut(looked?.reaches ?? [], ports), told);
  return { settled: reaches, open: joined(suspectsOf(piece, reaches)) };
}

/** Some of them are known better. */
function withEach(reaches: readonly Reach[], better: readonly Reach[]): readonly Reach[] {
  return better.reduce((all, each) => replaced(all, each.ports, [each]), reaches);
}

function alone(port: number): PortRange {
  return { first: port, last: port };
}

function undecided(reaches: readonly Reach[], why: string): Reach[] {
  return reaches.map((reach) => ({ ...reach, undecided: why }));
}
