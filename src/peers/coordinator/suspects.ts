import type { Counted, Reach } from '../../evidence/reach.ts';
import { intersect, type PortRange } from '../../values/port-range.ts';
import type { Piece } from './pieces.ts';

/** Neighbouring ports of which one thing was seen that asks for a second look. */
export interface Suspect {
  readonly piece: Piece;
  readonly ports: PortRange;
  readonly face: string;
  readonly reaches: readonly Reach[];
  /** Silent ones between such as were turned away are among them; the face is that of the latter. */
  readonly joined: boolean;
}

/** Nothing is to be looked at again. */
const WELL = 'well';
const SETTLED = 'settled';

/** More of 20 than this are lost when something is wrong. */
const LOSS = 1 / 20;

/** What of a range is to be looked at again, in stretches of one face. */
export function suspectsOf(piece: Piece, reaches: readonly Reach[]): Suspect[] {
  const out: { piece: Piece; ports: PortRange; face: string; reaches: Reach[]; joined: boolean }[] = [];
  for (const reach of reaches) {
    const face = faceOf(piece, reach);
    if (face === WELL || face === SETTLED) continue;
    const last = out.at(-1);
    if (last?.face === face && last.ports.last + 1 === reach.ports.first) {
      last.ports = { first: last.ports.first, last: reach.ports.last };
      last.reaches.push(reach);
    } else out.push({ piece, ports: reach.ports, face, reaches: [reach], joined: false });
  }
  return out;
}

/** Silent ports between such as were turned away are looked at together with them: a kernel that limits its errors has told some of all. */
export function joined(suspects: readonly Suspect[]): Suspect[] {
  const out: Suspect[] = [];
  for (const each of suspects) {
    const [before, last] = out.slice(-2);
    if (before !== undefined && last !== undefined && isBetween(before, last, each)) {
      out.splice(-2, 2, together(before, last, each));
    } else out.push(each);
  }
  return out;
}

function isBetween(before: Suspect, silent: Suspect, after: Suspect): boolean {
  return (
    isSilent(silent.face) &&
    isTurnedAway(before.face) &&
    before.face === after.face &&
    before.piece === silent.piece &&
    silent.piece === after.piece &&
    before.ports.last + 1 === silent.ports.first &&
    silent.ports.last + 1 === after.ports.first
  );
}

function together(first: Suspect, silent: Suspect, last: Suspect): Suspect {
  return {
    ...first,
    ports: { first: first.ports.first, last: last.ports.last },
    reaches: [...first.reaches, ...silent.reaches, ...last.reaches],
    joined: true,
  };
}

/** What a look says on its face. */
export function faceOf(piece: Piece, reach: Reach): string {
  const { sender, receiver, undecided } = reach;
  if (undecided !== null || receiver === null || sender.sent === 0 || sender.atOnce) return SETTLED;
  if (isAnswered(piece, reach)) return lossOf({ sender, receiver });
  const takenByOwner = sender.outcome === 'accepted' && receiver.listener === 'owner';
  if (takenByOwner && receiver.established > 0) return WELL;
  return [
    sender.outcome,
    sender.errno ?? '-',
    sender.spoken ? 'spoken' : '-',
    sender.answeredBy ?? '-',
    receiver.arrived > 0 ? 'arrived' : '-',
    receiver.halfOpen > 0 ? 'half-open' : '-',
  ].join(' ');
}

function lossOf({
  sender,
  receiver,
}: Pick<Reach, 'sender'> & { readonly receiver: NonNullable<Reach['receiver']> }): string {
  const lossy = isLossy(sender.answers) || isLossy(receiver.requests) || isLossy(sender.likeDressed);
  if (isLossy(sender.dressed)) return lossy ? 'lossy' : 'dressed-lossy';
  return lossy ? 'lossy' : WELL;
}

function isLossy(counted: Counted | null): boolean {
  return counted !== null && counted.sent > 0 && (counted.sent - counted.came) / counted.sent > LOSS;
}

/** The port, or one in three places, so that a range costs no more than its ends and its middle. */
export function samplesOf({ first, last }: PortRange): PortRange[] {
  const ports = new Set([first, Math.floor((first + last) / 2), last]);
  return [...ports].map((port) => ({ first: port, last: port }));
}

/** A fault of some of these ports and not of others: each half is looked at by itself. */
export function halvesOf({ first, last }: PortRange): PortRange[] {
  const middle = Math.floor((first + last) / 2);
  return first === last
    ? [{ first, last }]
    : [
        { first, last: middle },
        { first: middle + 1, last },
      ];
}

/** By the one that was asked, whatever was lost of it. */
export function isAnswered({ request }: Piece, { sender }: Reach): boolean {
  return sender.outcome === 'answered' && sender.answeredBy === request.to;
}

export function isWell(face: string): boolean {
  return face === WELL;
}

/** Nothing came back, and nothing is known to have arrived. */
export function isSilent(face: string): boolean {
  return face === 'silence - - - - -';
}

/** No answer came, whether it arrived or not. */
export function isUnanswered(face: string): boolean {
  return face.startsWith('silence ') || isTurnedAway(face);
}

/** An error that came over the network: one of many that were sent at once, where the kernel limits how many it sends. */
export function isTurnedAway(face: string): boolean {
  return face.startsWith('refused ') || face.startsWith('error ');
}

/** The parts of these reaches that are in the range, and nothing else of them. */
export function cut(reaches: readonly Reach[], range: PortRange): Reach[] {
  return reaches.flatMap((reach) => {
    const ports = intersect(range, reach.ports);
    return ports === null ? [] : [{ ...reach, ports }];
  });
}

/** The reaches with those of a range put in the place of what was there. */
export function replaced(reaches: readonly Reach[], { first, last }: PortRange, by: readonly Reach[]): Reach[] {
  return [...cut(reaches, { first: 1, last: first - 1 }), ...by, ...cut(reaches, { first: last + 1, last: 65_535 })];
}
