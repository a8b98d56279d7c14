import { checkNamed, findingsOf, selectedCheck } from './findings.ts';
import { gridOf } from './matrix.ts';
import { rowsOf, selectedRow } from './rows.ts';
import { viewOf, withView, type State } from './state.ts';
import type { Step } from './step.ts';

/** Milliseconds between two runs that `w` offers. */
const WATCHES = [10_000, 30_000, 60_000] as const;

/** There is something that a run would judge again. */
export function canRun(state: State): boolean {
  return runOf(state).length > 0;
}

export function runSelected(state: State): Step {
  const only = runOf(state);
  const [id, ...others] = only;
  if (id === undefined) return [state];
  if (others.length === 0 && wasNotAsked(state, id)) return [{ ...state, prompt: { kind: 'confirm', check: id } }];
  const view = viewOf(state);
  const row = view.kind === 'overview' ? selectedRow(rowsOf(state), view.selected) : undefined;
  // It stays selected, whatever comes of it.
  return [
    row === undefined || view.kind !== 'overview' ? state : withView(state, { ...view, selected: row.key }),
    { do: 'run', only },
  ];
}

/** Ids or the category of what is selected. */
function runOf(state: State): readonly string[] {
  const view = viewOf(state);
  if (view.kind === 'overview') {
    const row = selectedRow(rowsOf(state), view.selected);
    return row === undefined ? [] : [row.kind === 'category' ? row.name : row.check.id];
  }
  const pair = view.kind === 'matrix' ? gridOf(state).selected?.findings : null;
  const of = view.kind === 'findings' && view.subject.of === 'pair' ? findingsOf(state, view.subject) : pair;
  if (of !== null && of !== undefined) return [...new Set(of.map(({ check }) => check))];
  const check = selectedCheck(state);
  return check === null ? [] : [check];
}

/** What it does to the machine is for the user to allow, each time. */
function wasNotAsked(state: State, id: string): boolean {
  return checkNamed(state, id)?.unasked === true;
}

export function nextWatch(state: State): Step {
  const index = WATCHES.findIndex((interval) => interval === state.watch);
  return [{ ...state, watch: WATCHES[index + 1] ?? null }];
}
