import type { Machine } from '../evidence/source.ts';
import type { Unread } from '../evidence/reading.ts';
import type { Plan } from '../plan/settings.ts';
import type { Node } from './node.ts';

/** A machine of the run with all that the judges may know of it. */
export interface Participant {
  readonly machine: Machine;
  readonly node: Node;
  readonly plan: Plan;
  /** Why it is not known whether it has joined: nobody said, and what tells it could not be read. */
  readonly unstaged?: Unread;
}
