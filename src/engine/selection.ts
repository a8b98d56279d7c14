import type { Settings } from '../plan/settings.ts';
import type { Check, Intrusive } from './check.ts';

export function categoryOf(id: string): string {
  return id.split('/')[0] ?? id;
}

/** The checks of a run: those that `--only` names, by id or category, or all. One that `--skip` names stays among them, and is not judged. */
export function select(checks: readonly Check[], { only }: Pick<Settings, 'only'>): Check[] {
  if (only.length === 0) return [...checks];
  return checks.filter((check) => check.unconditional === true || nameOf(check, only) !== null);
}

/** Those of them that `--skip` does not name. */
export function unskipped(checks: readonly Check[], settings: Pick<Settings, 'only' | 'skip'>): Check[] {
  return select(checks, settings).filter((check) => skippedBy(check, settings) === null);
}

type Asking = Pick<Settings, 'only' | 'skip' | 'pods'>;

/** Those of them that are judged. */
export function asked(checks: readonly Check[], settings: Asking): Check[] {
  return unskipped(checks, settings).filter((check) => whyNotAsked(check, settings) === null);
}

/** Why a check of the run is not judged: the option that decides it, and a sentence. Null when it is. */
export function whyNotAsked(check: Check, settings: Asking): { option: string; message: string } | null {
  const skipped = skippedBy(check, settings);
  if (skipped !== null) return { option: `--skip ${skipped}`, message: `It was not asked for: --skip ${skipped}.` };
  const { id, intrusive } = check;
  if (intrusive === undefined || isWanted(id, intrusive, settings)) return null;
  const { does, pods, byId } = intrusive;
  const ways = [...pods.map((how) => `--pods ${how}`), ...(byId ? [`--only ${id}`] : [])];
  return {
    option: pods.length === 1 ? `--pods ${pods.join()}` : '--pods',
    message: `${does}, and so runs only where somebody asks for it: ${ways.join(' or ')}.`,
  };
}

function isWanted(id: string, { pods, byId }: Intrusive, { only, pods: how }: Asking): boolean {
  return (how !== null && pods.includes(how)) || (byId && only.includes(id));
}

/** The id or category by which `--skip` names the check. */
function skippedBy(check: Check, { skip }: Pick<Settings, 'skip'>): string | null {
  return check.unconditional === true ? null : nameOf(check, skip);
}

function nameOf({ id }: Check, names: readonly string[]): string | null {
  return names.find((name) => name === id || name === categoryOf(id)) ?? null;
}
