import type { Settings } from '../plan/settings.ts';
import type { Check } from './check.ts';

export function categoryOf(id: string): string {
  return id.split('/')[0] ?? id;
}

/** The checks of a run: those that `--only` names, by id or category, or all. One that `--skip` names stays among them, and is not judged. */
export function select(checks: readonly Check[], { only }: Pick<Settings, 'only'>): Check[] {
  if (only.length === 0) return [...checks];
  return checks.filter((check) => check.unconditional === true || nameOf(check, only) !== null);
}

/** Those of them that are judged. */
export function asked(checks: readonly Check[], settings: Pick<Settings, 'only' | 'skip'>): Check[] {
  return select(checks, settings).filter((check) => skippedBy(check, settings) === null);
}

/** The id or category by which `--skip` names the check; null when it is to be judged. */
export function skippedBy(check: Check, { skip }: Pick<Settings, 'skip'>): string | null {
  return check.unconditional === true ? null : nameOf(check, skip);
}

function nameOf({ id }: Check, names: readonly string[]): string | null {
  return names.find((name) => name === id || name === categoryOf(id)) ?? null;
}
