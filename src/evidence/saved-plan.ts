import type { Settings } from '../plan/settings.ts';
import { SAVED_SETTINGS, type SavedPlan } from './schema.ts';

/** What of the plan goes into saved evidence: the token of a join line does not. */
export function savedPlan(settings: Settings): SavedPlan {
  const picked = Object.fromEntries(SAVED_SETTINGS.map((key) => [key, settings[key]]));
  return { ...picked, join: settings.join === null ? null : { ...settings.join, token: null } };
}
