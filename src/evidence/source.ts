import type { Evidence, SavedPlan } from './schema.ts';
import type { FactName, Facts } from './facts.ts';
import type { Reading } from './reading.ts';

/** A machine of the run, before it is known who it is. */
export interface Machine {
  /** Stable within a run; `self` for this machine. */
  readonly key: string;
  /** The machine that runs the check, or stands for it. */
  readonly self: boolean;
  /** What was said of it elsewhere; it yields to what the user says now. */
  readonly said: SavedPlan;
}

/** Where evidence comes from: this machine and its peers, or a file. The engine knows no other way to learn anything. */
export interface Source {
  readonly machines: readonly Machine[];
  /** Reads a fact once; asked again, it gives the same reading. Never rejects. */
  read<K extends FactName>(machine: Machine, fact: K): Promise<Reading<Facts[K]>>;
  /** All that was read so far. */
  evidence(): Evidence;
}
