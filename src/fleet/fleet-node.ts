import type { Role } from '../plan/settings.ts';
import type { SshTarget } from './ssh-target.ts';

/** A machine that is reached over ssh. */
export interface FleetNode {
  /** What it is called in the run. */
  readonly name: string;
  /** What it is to be; none where nobody said. */
  readonly roles: readonly Role[];
  readonly target: SshTarget;
  /** Of the cluster's network, where that was said. */
  readonly address: string | null;
}
