import type { Machine, Source } from '../evidence/source.ts';
import type { Plan, Settings } from '../plan/settings.ts';
import type { Finding } from '../report/schema.ts';
import type { Node } from './node.ts';
import type { Packets } from './packets.ts';

/** A machine of the run with all that the judges may know of it. */
export interface Participant {
  readonly machine: Machine;
  readonly node: Node;
  readonly plan: Plan;
}

/** Why the run was ended before its time: the reason of the signal that ended it. */
export type Ending = 'budget-spent' | 'interrupted';

/** One that a check is about, with the facts that it needs. */
export interface Prepared {
  readonly participant: Participant;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What the judging of every check of a run shares. */
export interface Court {
  readonly participants: readonly Participant[];
  readonly source: Source;
  /** What holds between the nodes. */
  readonly plan: Settings;
  readonly packets: Packets;
  /** The day of the run, by which waivers expire. */
  readonly day: string;
  /** By check: that a waiver has. */
  readonly expired: ReadonlyMap<string, readonly Finding[]>;
  readonly ending: () => Ending | null;
}
