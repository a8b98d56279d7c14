import type { Finding } from '../../report/schema.ts';
import { checkNamed, selectedCheck, selectedFinding } from './findings.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';

export function copyRemedy(state: State): Step {
  const text = remedyText(selectedFinding(state));
  return text === null ? [state] : [state, { do: 'copy', text }];
}

/** Its commands, else what it says. */
export function remedyText(finding: Finding | undefined): string | null {
  const remedy = finding?.remedy;
  if (remedy === undefined) return null;
  return (remedy.commands ?? []).length > 0 ? (remedy.commands ?? []).join('\n') : remedy.text;
}

export function linkOf(state: State): string | null {
  const id = selectedCheck(state);
  return id === null ? null : (checkNamed(state, id)?.report?.docs ?? null);
}

export function copyLink(state: State): Step {
  const link = linkOf(state);
  return link === null ? [state] : [state, { do: 'copy', text: link }];
}

export function startSave(state: State, what: 'report' | 'remedy'): Step {
  const path = what === 'report' ? 'seaworthy-report.json' : 'seaworthy-remedy.sh';
  return [{ ...state, prompt: { kind: 'save', what, path } }];
}
