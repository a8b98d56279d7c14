import type { Machine } from '../evidence/source.ts';
import type { Origin, Plan } from '../plan/settings.ts';

/** The plan as it holds for one machine: what was said of it elsewhere fills in what nobody says now. */
export function planOf({ said }: Machine, plan: Plan): Plan {
  const silent = Object.entries(said).filter(([key, value]) => value !== undefined && isDefault(key, plan));
  const settings = { ...plan.settings, ...Object.fromEntries(silent) };
  const origins = {
    ...plan.origins,
    ...Object.fromEntries(silent.map(([key]) => [key, 'saved facts' satisfies Origin])),
  };
  return { settings, origins };
}

function isDefault(key: string, { origins }: Plan): boolean {
  return Object.entries(origins).some(([name, origin]) => name === key && origin === 'default');
}
