import { setTimeout as wait } from 'node:timers/promises';
import type { Reach } from '../../evidence/reach.ts';
import type { Opened } from '../messages/protocol.ts';
import { proofOf, proved, saysEnough, type CountedLook, type Proof } from './attribution.ts';
import { look, type Pacing, type Trial } from './look.ts';
import type { Members } from './members.ts';
import type { Piece } from './pieces.ts';
import { samplesOf, type Suspect } from './suspects.ts';

/** So many connects to each port at a time tell by the kernel's counters what became of them, whatever else the machine does. */
const CONNECTS = 8;
/** Of so many connects at once the first repeat of each, after a second, is enough; without one a kernel counts none that it held back. Milliseconds. */
const SECOND_SILENCE_MS = 1_100;
/** Between the two sights that tell whether a machine is quiet. Milliseconds. */
const QUIET_MS = 100;
/** Where it is not clear whose packets were counted, so many are tried each by itself, */
const MOST_APART = 16;
/** so often at most. */
const TRIES_APART = 3;

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
  const tried = await lookCounted(members, run, trials, openedOf, { exclusive, pacing });

  /** Tried by itself, at one of its ports. */
  async function apart(trial: Trial): Promise<Proof | null> {
    const single = { ...trial, ports: trial.ports.slice(0, 1) };
    let proof: Proof | null = null;
    for (let tries = 0; tries < TRIES_APART && proof?.blurred !== false; tries++) {
      const counted = await lookCounted(members, run, [single], openedOf, { exclusive, pacing });
      const [looked] = counted.looked;
      proof = looked === undefined ? null : proofOf(looked, counted);
    }
    return proof;
  }

  const again: LookedAgain[] = [];
  let triedApart = 0;
  for (const [index, suspect] of suspects.entries()) {
    const looked = tried.looked[index];
    if (looked === undefined) continue;
    const { trial, reaches, lagMs } = looked;
    const samples = reaches.filter(
      ({ ports, sender }) =>
        sender.sent > 0 && trial.ports.some(({ first }) => first >= ports.first && first <= ports.last),
    );
    let proof = proofOf(looked, tried);
    if (exclusive && proof?.blurred === true && !samples.every(saysEnough) && triedApart++ < MOST_APART)
      proof = (await apart(trial)) ?? proof;
    again.push({ suspect, samples: samples.map((sample) => proved(sample, proof)), lagMs });
  }
  return again;
}

async function lookCounted(
  members: Members,
  run: string,
  trials: readonly Trial[],
  openedOf: (piece: Piece) => readonly Opened[],
  { exclusive, pacing }: { readonly exclusive: boolean; readonly pacing: Pacing },
): Promise<CountedLook> {
  const machines = [...new Set(trials.flatMap(({ piece: { request } }) => [request.from, request.to]))];
  const sights = () =>
    Promise.all(machines.map((key) => members.call(key, 'look', { run, from: null, ports: [], connections: false })));
  const quiet = exclusive ? await sights() : [];
  if (exclusive) await wait(QUIET_MS);
  const before = await sights();
  const shorter = exclusive ? { ...pacing, silenceMs: SECOND_SILENCE_MS } : pacing;
  const looked = await look(members, run, trials, openedOf, shorter);
  const after = await sights();
  const counted = new Map(
    machines.flatMap((key, index) => {
      const [a, b, c] = [quiet[index], before[index], after[index]];
      return b == null || c == null ? [] : [[key, { quiet: a ?? null, before: b, after: c }] as const];
    }),
  );
  return { looked, counted };
}
