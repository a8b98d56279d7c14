import type { Reach } from '../../evidence/reach.ts';
import { cookiesSent, lostAt, movedBy, notLetOut, repeatsHeldBack, turnedBack, type Counted } from './counters.ts';
import type { Looked } from './look.ts';
import { lengthOf } from '../../values/port-range.ts';

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
  readonly cookies: number | null;
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
  if (here === undefined || there === undefined) return null;
  const packets = packetsOf(looked);
  const rivals = (end: 'from' | 'to') =>
    all.filter((each) => each !== looked && competes(each, end, request[end], isPending(looked)));
  const out = isPending(looked)
    ? movedBy(here, family, repeatsHeldBack)
    : ifMoved(movedBy(here, family, notLetOut), (count) => Math.max(0, count - refusedHere(all, request.from)));
  const heldBack = isSilentDatagram(looked) ? 0 : ifMoved(out, (count) => heldBackOf(looked, count, rivals('from')));
  const turned = ifMoved(movedBy(there, family, turnedBack), (count) => ofOneOrAll(count, [looked, ...rivals('to')]));
  return {
    heldBack,
    turnedBack: request.kind === 'udp' ? 0 : turned,
    cookies: request.kind === 'udp' ? 0 : movedBy(there, family, cookiesSent),
    lostAt: (arrived) => lostAt(there, family, packets, arrived || (turned ?? 0) >= packets),
    blurred: (out !== null && heldBack === null) || (request.kind === 'tcp' && turned === null),
  };
}

/** Where nothing was counted there is nothing to be told apart, and with thousands of looks that takes its time. */
function ifMoved(count: number | null, tell: (count: number) => number | null): number | null {
  return count === null || count === 0 ? count : tell(count);
}

/** Of datagrams that a rule here does not let out the call itself says so, or an error comes back: they are never silent. */
function isSilentDatagram(looked: Looked): boolean {
  return looked.trial.piece.request.kind === 'udp' && isSilence(looked);
}

function heldBackOf(looked: Looked, out: number, rivals: readonly Looked[]): number | null {
  const { request } = looked.trial.piece;
  // Answers to others that were held back are counted too, and how many there were nobody knows.
  if (rivals.some(({ trial }) => trial.piece.request.from !== request.from)) return null;
  return ofOneOrAll(out, [looked, ...rivals]);
}

function ofOneOrAll(count: number, looks: readonly [Looked, ...Looked[]]): number | null {
  return looks.length === 1 ? share(count, packetsOf(looks[0])) : allOrNothing(count, looks);
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
      turnedBack: proof.turnedBack,
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

/** Connects of a look, each of one packet at least; or its datagrams. */
function packetsOf({ trial, reaches }: Looked): number {
  if (trial.piece.request.kind === 'udp') return reaches.reduce((sum, reach) => sum + datagramsOf(reach), 0);
  return trial.repeat * trial.ports.reduce((sum, range) => sum + lengthOf(range), 0);
}

/** Those that left the call: every other one only brings the error that the one before it met. */
function datagramsOf({ sender: { sent, atOnce, outcome }, ports }: Reach): number {
  if (atOnce) return 0;
  const each = outcome === 'refused' || outcome === 'error' ? Math.ceil(sent / 2) : sent;
  return each * lengthOf(ports);
}

/** Connects that heard nothing: their SYNs are repeated, and a kernel counts the repeats that it could not send. */
function isPending(looked: Looked): boolean {
  return looked.trial.piece.request.kind === 'tcp' && isSilence(looked);
}

function isSilence({ reaches }: Looked): boolean {
  const tried = reaches.filter(({ sender }) => sender.sent > 0);
  return tried.length > 0 && tried.every(({ sender }) => sender.outcome === 'silence');
}

/**
 * Its packets, or the answers that a machine owes to it, are counted by the same counter. Of datagrams nobody counts what is turned back, and what a call
 * refused at once is known.
 */
function competes(looked: Looked, end: 'from' | 'to', machine: string, pending: boolean): boolean {
  const { request } = looked.trial.piece;
  if (!isWanting(looked)) return false;
  if (end === 'to') return request.kind === 'tcp' && request.to === machine;
  if (pending) return request.from === machine && isPending(looked);
  return request.from === machine ? packetsOf(looked) > 0 : request.to === machine && owesAnswers(looked);
}

function owesAnswers({ reaches }: Looked): boolean {
  return reaches.some(({ receiver }) => receiver !== null && (receiver.arrived > 0 || receiver.halfOpen > 0));
}

/** Something of it did not come back. */
function isWanting({ reaches }: Looked): boolean {
  return reaches.some(({ sender }) => sender.sent > 0 && sender.outcome !== 'answered');
}

/** A count that is much less than what was sent is of something else; a packet of several may be late. */
function share(count: number, packets: number): number {
  return count >= packets * MOST ? count : 0;
}

/** Of several looks at once: it is all of them, or none can be told. */
function allOrNothing(count: number, same: readonly Looked[]): number | null {
  const packets = same.reduce((sum, each) => sum + packetsOf(each), 0);
  if (count >= packets) return count;
  return count < Math.min(...same.map(packetsOf)) ? 0 : null;
}

/** Datagrams that the system call itself refused were counted on their way out too. */
function refusedHere(all: readonly Looked[], machine: string): number {
  return all
    .filter(({ trial }) => trial.piece.request.kind === 'udp' && trial.piece.request.from === machine)
    .flatMap(({ reaches }) => reaches)
    .reduce((sum, { sender, ports }) => sum + (sender.atOnce ? sender.sent * lengthOf(ports) : 0), 0);
}
