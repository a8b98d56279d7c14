import type { PodsHow } from '../evidence/pods.ts';
import type { Settings } from './settings.ts';

/** Who names the dry run by its full id asks for it. */
const DRY_RUN = 'cni/dry-run';

/** Which pods may take part in a run on this machine. */
export function podsAsked({ pods, only }: Pick<Settings, 'pods' | 'only'>): PodsHow[] {
  const named: PodsHow[] = only.includes(DRY_RUN) ? ['throw-away'] : [];
  return [...new Set([...(pods === null ? [] : [pods]), ...named])];
}

/** How many throw-away pods this machine will be asked for if no other one takes part, where the plan alone tells it: a dry run takes one. */
export function podsExpected({ pods, only }: Pick<Settings, 'pods' | 'only'>): number | null {
  return pods === null && only.includes(DRY_RUN) ? 1 : null;
}
