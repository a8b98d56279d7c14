import type { Settings } from '../plan/settings.ts';
import type { Check } from './check.ts';

export function categoryOf(id: string): string {
  return id.split('/')[0] ?? id;
}

/** `--only` and `--skip` name an id or a category; what is skipped is as if it did not exist. */
export function select(checks: readonly Check[], { only, skip }: Pick<Settings, 'only' | 'skip'>): Check[] {
  const named = (list: readonly string[], { id }: Check) => list.includes(id) || list.includes(categoryOf(id));
  return checks.filter((check) => (only.length === 0 || named(only, check)) && !named(skip, check));
}
