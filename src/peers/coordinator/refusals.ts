import { setTimeout as wait } from 'node:timers/promises';
import type { Reach } from '../../evidence/reach.ts';
import { inRange, lengthOf, type PortRange } from '../../values/port-range.ts';
import { ICMP_PAUSE_MS, wayOf, witnessesOf, type Asking } from './ask-slowly.ts';
import { adopted } from './carry-over.ts';
import { look } from './look.ts';
import type { Piece } from './pieces.ts';
import { cut, faceOf, isSilent, isTurnedAway, replaced, suspectsOf, type Suspect } from './suspects.ts';

/** What a kernel refuses it has refused at once; nobody is waited for here, only counted. Milliseconds. */
const BRIEF_MS = 250;
/** A datagram that is silent is sent so often: src/probes/udp-sender.ts. */
const DATAGRAM_TRIES = 3;
/** So many looks at most for one stretch: each halves what is not known of it. */
const MOST_LOOKS = 40;

/**
 * Where errors come back from a peer, of silent ports too it is told which of them it refused, port by port, however few errors its kernel sends: it counts
 * those that its limit held back as well. Pieces of which that could be told are given back with what is known of them; the others are not.
 */
export async function countRefusals(
  known: ReadonlyMap<Piece, readonly Reach[]>,
  asking: Asking,
): Promise<Map<Piece, readonly Reach[]>> {
  const told = new Map<Piece, readonly Reach[]>();
  const ways = witnessesOf([...known]);
  for (const [piece, reaches] of known) {
    const stretches = stretchesOf(suspectsOf(piece, reaches));
    const isAsked = ways.has(wayOf(piece)) && stretches.some(({ silent }) => silent);
    if (!isAsked) continue;
    let result: readonly Reach[] | null = reaches;
    for (const { ports } of stretches) {
      const refused: readonly PortRange[] | null = result === null ? null : await refusedParts(piece, ports, asking);
      result = refused === null || result === null ? null : await rewritten(piece, result, ports, refused, asking);
    }
    if (result !== null) told.set(piece, result);
  }
  return told;
}

interface Stretch {
  readonly ports: PortRange;
  readonly silent: boolean;
}

/** Neighbouring ports that were silent or turned away. */
function stretchesOf(suspects: readonly Suspect[]): Stretch[] {
  const out: { ports: PortRange; silent: boolean }[] = [];
  for (const { face, ports } of suspects) {
    if (!isSilent(face) && !isTurnedAway(face)) continue;
    const last = out.at(-1);
    if (last !== undefined && last.ports.last + 1 === ports.first) {
      last.ports = { first: last.ports.first, last: ports.last };
      last.silent ||= isSilent(face);
    } else out.push({ ports, silent: isSilent(face) });
  }
  return out;
}

/** Parts of a range that the peer refused; null when its counters cannot tell. */
async function refusedParts(piece: Piece, ports: PortRange, asking: Asking): Promise<PortRange[] | null> {
  const tries = piece.request.kind === 'udp' ? DATAGRAM_TRIES : 1;
  let looks = 0;
  const count = async (range: PortRange) => (looks++ < MOST_LOOKS ? refusalsOf(piece, range, asking) : null);

  const split = async (range: PortRange, refusals: number): Promise<PortRange[] | null> => {
    if (refusals === 0) return [];
    if (refusals >= lengthOf(range) * tries || lengthOf(range) === 1) return [range];
    const middle = Math.floor((range.first + range.last) / 2);
    const [below, above] = [
      { first: range.first, last: middle },
      { first: middle + 1, last: range.last },
    ];
    const ofBelow = await count(below);
    if (ofBelow === null) return null;
    const [lower, upper] = [await split(below, ofBelow), await split(above, Math.max(0, refusals - ofBelow))];
    return lower === null || upper === null ? null : [...lower, ...upper];
  };
  const all = await count(ports);
  return all === null ? null : split(ports, all);
}

/** Errors that the peer sent or would have sent while these ports were tried once; null when it does not count them, or is not quiet. */
async function refusalsOf(piece: Piece, ports: PortRange, asking: Asking): Promise<number | null> {
  const { members, run, openedOf, pacing } = asking;
  const family = piece.request.address.includes(':') ? 6 : 4;
  const read = async () => {
    const sight = await members.call(piece.request.to, 'look', { run, from: null, ports: [], connections: false });
    return sight?.counters[family]?.refusals ?? null;
  };
  const before = await read();
  const trial = { piece, ports: [ports], bulk: false, repeat: 1, connected: false };
  await look(members, run, [trial], openedOf, { ...pacing, silenceMs: BRIEF_MS });
  const after = await read();
  return before === null || after === null ? null : after - before;
}

/** The stretch with those that were refused as such, and the others as silent. Null when an error came that the peer did not count: a router's. */
async function rewritten(
  piece: Piece,
  reaches: readonly Reach[],
  stretch: PortRange,
  refused: readonly PortRange[],
  asking: Asking,
): Promise<readonly Reach[] | null> {
  const within = cut(reaches, stretch);
  const own = within.filter((reach) => isTurnedAway(faceOf(piece, reach)));
  const isRefused = (port: number) => refused.some((part) => inRange(part, port));
  if (own.some(({ ports }) => !isRefused(ports.first) || !isRefused(ports.last))) return null;
  if (refused.length === 0) return reaches;
  const sample = own[0] ?? (await askOne(piece, refused, asking));
  // Some kinds of refusal are silence over UDP: then it is lost as far as the sender can tell.
  if (sample === null) return reaches;
  return refused.reduce((all, part) => replaced(all, part, adopted(cut(all, part), sample)), reaches);
}

async function askOne(piece: Piece, [part]: readonly PortRange[], asking: Asking): Promise<Reach | null> {
  const { members, run, openedOf, pacing } = asking;
  if (part === undefined) return null;
  await wait(ICMP_PAUSE_MS);
  const ports = { first: part.first, last: part.first };
  const trial = { piece, ports: [ports], bulk: false, repeat: 1, connected: true };
  const [looked] = await look(members, run, [trial], openedOf, pacing);
  const [sample] = cut(looked?.reaches ?? [], ports);
  return sample !== undefined && isTurnedAway(faceOf(piece, sample)) ? sample : null;
}
