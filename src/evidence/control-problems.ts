/**
 * `refused`, `silent`: its port; `no-address`: its name; `wrong-token`, `other-protocol`: it is seaworthy, and another token or release; `not-a-peer`:
 * something else answers; `lost`: it answered, and then no more; `rejected`: it answered that it will not.
 */
export type ControlProblem = (typeof CONTROL_PROBLEMS)[number];

export const CONTROL_PROBLEMS = [
  'refused',
  'silent',
  'wrong-token',
  'other-protocol',
  'not-a-peer',
  'lost',
  'no-address',
  'rejected',
] as const;

/** A node that could not be had over ssh. */
export interface SshTrouble {
  /** `login`: ssh did not come as far as a shell; `no-program`, `no-room`: there is no seaworthy that could run there; `ended`: it ended after that. */
  readonly problem: (typeof SSH_PROBLEMS)[number];
  /** Arguments of ssh that lead there. */
  readonly to: readonly string[];
  /** An inventory has further ones, which may hold a password and are repeated nowhere. */
  readonly withheld?: boolean;
}

export const SSH_PROBLEMS = ['login', 'no-program', 'no-room', 'ended'] as const;
