import type { Source } from '../evidence/source.ts';
import type { Settings } from '../plan/settings.ts';
import type { Finding } from '../report/schema.ts';
import type { Packets } from './packets.ts';
import type { Participant } from './participant.ts';

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
