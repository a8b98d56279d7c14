import type { Role, Stage } from '../plan/settings.ts';

/** A machine of the run, once its facts tell who it is. */
export interface Node {
  readonly name: string;
  readonly self: boolean;
  /** `any` alone when nobody said and nothing on disk tells: the union of all. */
  readonly roles: readonly (Role | 'any')[];
  readonly stage: Stage;
  /** `1.36` */
  readonly kubernetesVersion: string;
  readonly addresses: readonly string[];
}
