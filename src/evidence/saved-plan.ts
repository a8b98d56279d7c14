import type { Plan } from '../plan/settings.ts';
import { SAVED_SETTINGS, type SavedPlan } from './schema.ts';

/** What of the plan goes into saved evidence: only what was said, for defaults change; and the token of a join line never. */
export function savedPlan({ settings, origins }: Plan): SavedPlan {
  const { join } = settings;
  const shown = { ...settings, join: join === null ? null : { ...join, token: null } };
  const said = SAVED_SETTINGS.filter((key) => origins[key] !== 'default');
  return {
    ...Object.fromEntries(said.map((key) => [key, shown[key]])),
    ...(origins.role === 'kubeadm configuration' ? { roleOrigin: origins.role } : {}),
  };
}
