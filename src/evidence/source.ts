import type { ControlProblem, SshTrouble } from './control-problems.ts';
import type { Evidence, SavedPlan } from './schema.ts';
import type { FactName, Facts } from './facts.ts';
import type { Probed, ProbeRequest } from './probes.ts';
import type { Reading } from './reading.ts';

/** A machine of the run, before it is known who it is. */
export interface Machine {
  /** Stable within a run; `self` for this machine. */
  readonly key: string;
  /** The machine that runs the check, or stands for it. */
  readonly self: boolean;
  /** Another machine that takes part over the network: what was said of this one does not hold for it. */
  readonly peer: boolean;
  /** Its own checks are judged too; of others only what is between nodes. */
  readonly judged: boolean;
  /** What was said of it elsewhere; it yields to what the user says now. */
  readonly said: SavedPlan;
  /** Its addresses by which the others of the run reach it, where the run tells: they come before those that it would choose itself. */
  readonly reachedBy?: readonly string[];
  /** Why nothing can be learned of it: a sentence, of a peer whose control channel could not be had. */
  readonly unreachable?: string;
  /** What was in the way of its control channel. */
  readonly problem?: ControlProblem;
  /** How it was tried, where that was over ssh. */
  readonly ssh?: SshTrouble;
}

/** Where evidence comes from: this machine and its peers, or a file. The engine knows no other way to learn anything. */
export interface Source {
  readonly machines: readonly Machine[];
  /** What was said elsewhere of all of them, and so holds between them; it yields to what the user says now. */
  readonly said?: SavedPlan;
  /** Reads a fact once; asked again, it gives the same reading. Never rejects. */
  read<K extends FactName>(machine: Machine, fact: K): Promise<Reading<Facts[K]>>;
  /**
   * Sends packets, or finds what came of them, in the order of the requests; null where this source has no packets of any kind. Asked once in a run,
   * for all that its checks need. Never rejects.
   */
  probe(
    requests: readonly ProbeRequest[],
    progress: (progress: ProbeProgress) => void,
  ): Promise<readonly Probed[] | null>;
  /** All that was read so far. */
  evidence(): Evidence;
}

/** How far a long run is. */
export interface ProbeProgress {
  /** Directed pairs of machines. */
  readonly pairs: number;
  readonly pairsDone: number;
  /** Ports, or ranges of them with one story, that did not answer so far. */
  readonly failures: number;
}
