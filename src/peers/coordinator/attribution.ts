import type { Reach } from '../../evidence/probes.ts';
import { cookiesSent, lostAt, movedBy, notLetOut, turnedBack, type Counted } from './counters.ts';
import type { Looked } from './look.ts';
import { lengthOf } from './pieces.ts';

/** A look at several things at once, with the counters of both sides around it. */
export interface CountedLook {
  readonly looked: readonly Looked[];
  /** By machine; nobody's where nobody counted. */
  readonly counted: ReadonlyMap<string, Counted>;
}

const MOST = 3 / 4;

/** What counters prove of one of them. */
export interface Proof {
  readonly heldBack: number | null;
  readonly turnedBack: number | null;
  readonly cookies: number;
  readonly lostAt: (arrived: boolean) => ReturnType<typeof lostAt>;
  /** Something was counted, and it may be this or another one; or the counters of the receiver moved by themselves. */
  readonly blurred: boolean;
}

/** Null where nothing was counted; datagrams tell by themselves. */
export function proofOf(looked: Looked, { looked: all, counted }: CountedLook): Proof | null {
  const { request } = looked.trial.piece;
  const family = request.address.includes(':') ? 6 : 4;
  const here = counted.get(request.from);
  const there = counted.get(request.to);
  if (request.kind !== 'tcp' || here === undefined || there === undefined) return null;
  const packets = packetsOf(looked);
  const others = all.filter((each) => each !== looked && isWanting(each));
  const alone = (end: 'from' | 'to') =>
    others.every(({ trial }) => trial.piece.request.kind === 'udp' || trial.piece.request[end] !== request[end]);
  const out = less(movedBy(here, family, notLetOut), refusedHere(all, request.from));
  const back = movedBy(there, family, turnedBack);
  const heldBack = alone('from') ? share(out, packets) : allOrNothing(out, all, 'from', request.from);
  const turned = alone('to') ? share(back, packets) : allOrNothing(back, all, 'to', request.to);
  return {
    heldBack,
    turnedBack: turned,
    cookies: share(movedBy(there, family, cookiesSent), 1) ?? 0,
    lostAt: (arrived) => lostAt(there, family, packets, arrived || (turned ?? 0) >= packets),
    blurred: (out !== null && heldBack === null) || turned === null,
  };
}

/** A port of the look with what its counters prove. */
export function proved(reach: Reach, proof: Proof | null): Reach {
  const { sender, receiver } = reach;
  if (receiver === null || proof === null) return reach;
  return {
    ...reach,
    sender: { ...sender, heldBack: proof.heldBack },
    receiver: {
      ...receiver,
      turnedBack: proof.turnedBack ?? 0,
      cookies: proof.cookies,
      lostAt: proof.lostAt(receiver.arrived > 0 || receiver.halfOpen > 0),
    },
  };
}

/** What came of it says enough, whatever was counted. */
export function saysEnough({ sender: { outcome }, receiver }: Reach): boolean {
  return (
    receiver === null ||
    outcome === 'answered' ||
    receiver.arrived > 0 ||
    (outcome === 'silence' && receiver.halfOpen > 0)
  );
}

/** Connects of a look, each of one packet at least. */
function packetsOf({ trial }: Looked): number {
  return trial.repeat * trial.ports.reduce((sum, range) => sum + lengthOf(range), 0);
}

/** Something of it did not come back. */
function isWanting({ reaches }: Looked): boolean {
  return reaches.some(({ sender }) => sender.sent > 0 && sender.outcome !== 'answered');
}

/** A count that is much less than what was sent is of something else; a packet of several may be late. */
function share(count: number | null, packets: number): number | null {
  return count === null ? null : count >= packets * MOST ? count : 0;
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
