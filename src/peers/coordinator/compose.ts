import type { Reach, ReceiverSaw, SenderSaw } from '../../evidence/reach.ts';
import type { Seen } from '../../probes/ends.ts';
import { slowestAndQuickest } from '../../probes/merge.ts';
import type { Opened, Opening, Sight } from '../messages/protocol.ts';
import { canonicalIp } from '../../values/ip.ts';
import { inRange, type PortRange } from '../../values/port-range.ts';
import type { Piece } from './pieces.ts';

/** Nothing was sent: there is nobody whom it could reach. */
const NOT_SENT: SenderSaw = {
  outcome: 'silence',
  errno: null,
  waitedMs: 0,
  rttMs: null,
  sent: 0,
  address: null,
  atOnce: false,
  answeredBy: null,
  spoken: false,
  heldBack: null,
  neighbour: null,
  answers: null,
  dressed: null,
  likeDressed: null,
};

/** What the peer's word consists of. */
export interface Word {
  readonly opened: readonly Opened[];
  /** Null when the peer could not be asked any more, with why. */
  readonly sight: Sight | null;
  readonly why: string | null;
}

/** By what a half-open connection is known to be of this sender: NAT may change the address or the port, and seldom both. */
export interface SenderMarks {
  readonly key: string;
  readonly addresses: readonly string[];
  readonly held: readonly { readonly port: number; readonly localPort: number }[];
}

/** Both sides of each port of a piece; neighbours that saw the same share one. */
export function compose(
  piece: Piece,
  seen: readonly Seen[],
  word: Word,
  marks: SenderMarks,
  attempts: number,
): Reach[] {
  const { request, ports } = piece;
  const { opened, sight, why } = word;
  const address = canonicalIp(request.address);
  const openings = opened.filter((each) => each.protocol === request.kind && each.address === request.address);
  const arrivals = (sight?.arrivals ?? []).filter(
    ({ from, protocol, address: at }) => from === marks.key && protocol === request.kind && canonicalIp(at) === address,
  );
  const openNow = (sight?.open ?? []).filter(
    (each) => each.protocol === request.kind && canonicalIp(each.address) === address,
  );
  const standing = standingOf(piece, sight, marks);
  const seenOf = rangeReader(seen);
  const openingOf = rangeReader(openings);
  const arrivalOf = rangeReader(arrivals);
  const openNowOf = rangeReader(openNow);
  const told = [seen, openings, arrivals, openNow].flatMap((rows) => rows.map((row) => row.ports));
  const standingPorts = [...standing.keys()].map((port) => ({ first: port, last: port }));

  const out: Reach[] = [];
  for (const stretch of stretchesOf(ports, [...told, ...standingPorts])) {
    const port = stretch.first;
    const saw = seenOf(port)?.saw ?? NOT_SENT;
    const open = openingOf(port);
    const receiver = sight === null ? null : receiverSaw(open, arrivalOf(port), standing.get(port) ?? NONE);
    const gone = isGone(saw, open, openNowOf(port));
    const next: Reach = {
      ports: stretch,
      sender: saw,
      receiver,
      attempts,
      undecided: sight === null ? why : gone ? 'the listener there was closed meanwhile' : null,
    };
    const last = out.at(-1);
    if (last !== undefined && storyOf(last) === storyOf(next)) out[out.length - 1] = joined(last, next);
    else out.push(next);
  }
  return out;
}

/** Parts of a range in which all ports are told of in the same words. */
function stretchesOf(ports: PortRange, told: readonly PortRange[]): PortRange[] {
  const starts = new Set([ports.first, ...told.flatMap(({ first, last }) => [first, last + 1])]);
  const rising = [...starts].filter((port) => inRange(ports, port)).sort((a, b) => a - b);
  return rising.map((first, index) => ({ first, last: (rising[index + 1] ?? ports.last + 1) - 1 }));
}

/** It had opened the port, and has not any more: what was seen of it says nothing. */
function isGone(saw: SenderSaw, opened: Opened | undefined, now: Opening | undefined): boolean {
  return opened?.listener === 'ours' && now === undefined && saw.outcome !== 'answered';
}

function receiverSaw(
  opened: Opened | undefined,
  arrival: Sight['arrivals'][number] | undefined,
  standing: Standing,
): ReceiverSaw {
  return {
    listener: opened?.listener ?? 'unavailable',
    detail: opened === undefined ? 'it was not opened' : opened.detail,
    arrived: arrival?.arrived ?? 0,
    answered: arrival?.answered ?? 0,
    source: arrival?.source ?? null,
    ...standing,
    turnedBack: null,
    cookies: null,
    lostAt: null,
    requests: arrival?.requests ?? null,
    dressed: arrival?.dressed ?? null,
    likeDressed: arrival?.likeDressed ?? null,
  };
}

/** Connections of this sender by port, as the peer's kernel holds them. */
interface Standing {
  readonly halfOpen: number;
  readonly established: number;
}

const NONE: Standing = { halfOpen: 0, established: 0 };

function standingOf({ request }: Piece, sight: Sight | null, { addresses, held }: SenderMarks): Map<number, Standing> {
  const found = new Map<number, Standing>();
  if (request.kind !== 'tcp') return found;
  const localPorts = new Set(held.map(({ port, localPort }) => `${port} ${localPort}`));
  for (const { port, remoteAddress, remotePort, halfOpen } of sight?.connections ?? []) {
    const isHeld = localPorts.has(`${port} ${remotePort}`);
    // What is made may be of another talk between the two; what is half-open lasts no longer than a probe.
    if (!isHeld && !(halfOpen && addresses.includes(remoteAddress))) continue;
    if (isIpv6(remoteAddress) !== isIpv6(request.address)) continue;
    const before = found.get(port) ?? NONE;
    found.set(port, {
      halfOpen: before.halfOpen + (halfOpen ? 1 : 0),
      established: before.established + (halfOpen ? 0 : 1),
    });
  }
  return found;
}

/** All but where and how long it took. */
function storyOf({ sender, receiver, undecided }: Reach): string {
  return JSON.stringify([{ ...sender, waitedMs: 0, rttMs: null }, receiver, undecided]);
}

/** The item whose range a port is in; ports are asked for in ascending order mostly. */
function rangeReader<T extends { readonly ports: { readonly first: number; readonly last: number } }>(
  items: readonly T[],
) {
  const sorted = [...items].sort((a, b) => a.ports.first - b.ports.first);
  let at = 0;
  return (port: number): T | undefined => {
    if ((sorted[at]?.ports.first ?? 0) > port) at = 0;
    while ((sorted[at]?.ports.last ?? port) < port) at++;
    const item = sorted[at];
    return item !== undefined && item.ports.first <= port ? item : undefined;
  };
}

function joined(reach: Reach, next: Reach): Reach {
  return {
    ...reach,
    ports: { first: reach.ports.first, last: next.ports.last },
    sender: slowestAndQuickest(reach.sender, next.sender),
  };
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}
