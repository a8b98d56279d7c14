import { setTimeout as wait } from 'node:timers/promises';
import type { Reach } from '../../evidence/reach.ts';
import type { PortRange } from '../../values/port-range.ts';
import type { Opened } from '../messages/protocol.ts';
import { look, type Pacing, type Trial } from './look.ts';
import type { Members } from './members.ts';
import type { Piece } from './pieces.ts';
import type { LookedAgain } from './second-look.ts';
import { cut, faceOf, isSilent, isTurnedAway } from './suspects.ts';

/** Until the kernel may send one more ICMP error to the same address (icmp_ratelimit: ip-sysctl of the kernel). Milliseconds. */
export const ICMP_PAUSE_MS = 1_100;

export interface Asking {
  readonly members: Members;
  readonly run: string;
  readonly openedOf: (piece: Piece) => readonly Opened[];
  readonly pacing: Pacing;
}

/** So often nobody may be told anything, not even who was before: then no more is known than that it was silent. */
const MOST_VOID = 3;

/**
 * A kernel limits how many ICMP errors it sends to one address. Where errors come back at all, those that heard nothing are asked once more, all
 * together and as long as any of them is told something. They are silent when somebody who was turned away before is told so again, after them.
 */
export async function askSlowly(
  looked: readonly LookedAgain[],
  known: ReadonlyMap<Piece, readonly Reach[]>,
  { members, run, openedOf, pacing }: Asking,
): Promise<LookedAgain[]> {
  const heard = looked.map((each) => ({ ...each, samples: each.samples.map((sample) => asTold(each, sample)) }));
  const witnesses = witnessesOf([
    ...looked.map(({ suspect: { piece }, samples }) => [piece, samples] as const),
    ...known,
  ]);
  const asked = heard.filter(({ suspect: { piece, face }, samples }) => {
    const faces = [face, ...samples.map((sample) => faceOf(piece, sample))];
    // Where nobody listens silence proves nothing, however often it is heard.
    if (samples.some(({ receiver }) => receiver?.listener === 'none')) return false;
    return witnesses.has(wayOf(piece)) && faces.every((each) => isSilent(each) || isTurnedAway(each));
  });
  let calledIn = false;
  for (let voids = 0; voids < MOST_VOID;) {
    const open = asked.filter((each) => silentOf(each).length > 0);
    if (open.length === 0) break;
    const ways = new Set(open.map(({ suspect: { piece } }) => wayOf(piece)));
    const present = calledIn ? [...ways].flatMap((way) => witnesses.get(way) ?? []) : [];
    await wait(ICMP_PAUSE_MS);
    const answers = await look(
      members,
      run,
      [
        ...open.map((each) =>
          trialOf(
            each.suspect.piece,
            silentOf(each).map(({ ports }) => ports),
          ),
        ),
        ...present,
      ],
      openedOf,
      pacing,
    );
    let news = false;
    for (const [index, each] of open.entries()) {
      const { piece } = each.suspect;
      each.samples = each.samples.map((sample) => {
        const [again] = isSilent(faceOf(piece, sample)) ? cut(answers[index]?.reaches ?? [], sample.ports) : [];
        if (again === undefined || !isTurnedAway(faceOf(piece, again))) return sample;
        news = true;
        return { ...again, sender: { ...again.sender, heldBack: sample.sender.heldBack } };
      });
    }
    const told = answers.slice(open.length);
    if (news) continue;
    if (
      calledIn &&
      told.every(({ trial: { piece }, reaches }) => reaches.some((each) => isTurnedAway(faceOf(piece, each))))
    )
      break;
    calledIn = true;
    voids++;
    if (voids === MOST_VOID)
      for (const each of open) each.samples = each.samples.map((sample) => notTold(each, sample));
  }
  return heard;
}

/** A port that was turned away before need not be so again. */
function asTold({ suspect: { piece, reaches } }: LookedAgain, sample: Reach): Reach {
  const [before] = isSilent(faceOf(piece, sample)) ? cut(reaches, sample.ports) : [];
  if (before === undefined || !isTurnedAway(faceOf(piece, before))) return sample;
  return { ...before, attempts: sample.attempts, sender: { ...before.sender, heldBack: sample.sender.heldBack } };
}

function notTold({ suspect: { piece } }: LookedAgain, sample: Reach): Reach {
  if (!isSilent(faceOf(piece, sample))) return sample;
  return {
    ...sample,
    undecided: 'errors came back at first and no more then, as where a kernel limits how many it sends',
  };
}

function trialOf(piece: Piece, ports: readonly PortRange[]): Trial {
  return { piece, ports, bulk: false, repeat: 1, connected: true };
}

/** Where counters show that it was never let out, or that the answer was turned back, it is known why they are silent. */
function silentOf({ suspect: { piece }, samples }: LookedAgain): Reach[] {
  return samples.filter(
    (sample) =>
      isSilent(faceOf(piece, sample)) &&
      (sample.sender.heldBack ?? 0) === 0 &&
      (sample.receiver?.turnedBack ?? 0) === 0,
  );
}

/** One port that was turned away for each way from one machine to another: by an ICMP error rather than by what may be a reset. */
export function witnessesOf(seen: readonly (readonly [Piece, readonly Reach[]])[]): Map<string, Trial> {
  const found = new Map<string, { readonly trial: Trial; readonly sure: boolean }>();
  for (const [piece, reaches] of seen) {
    for (const reach of reaches) {
      const before = found.get(wayOf(piece));
      if (reach.receiver?.listener === 'none') continue;
      const sure = piece.request.kind === 'udp' || reach.sender.outcome === 'error';
      if (!isTurnedAway(faceOf(piece, reach)) || before?.sure === true || (before !== undefined && !sure)) continue;
      const { first } = reach.ports;
      found.set(wayOf(piece), { trial: trialOf(piece, [{ first, last: first }]), sure });
    }
  }
  return new Map([...found].map(([way, { trial }]) => [way, trial]));
}

export function wayOf({ request }: Piece): string {
  return `${request.from} ${request.to}`;
}
