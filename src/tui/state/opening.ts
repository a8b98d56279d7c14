import { keyOf, selectedCheck, selectedFinding, worstFirst } from './findings.ts';
import { gridOf } from './matrix.ts';
import { rowsOf, selectedRow } from './rows.ts';
import { LAYERS, viewOf, withView, type State, type Text, type View } from './state.ts';
import type { Step } from './step.ts';

export function canOpen(state: State): boolean {
  const view = viewOf(state);
  if (view.kind === 'overview') {
    const row = selectedRow(rowsOf(state), view.selected);
    return row?.kind === 'category' || (row?.kind === 'check' && row.check.report !== null);
  }
  if (view.kind === 'matrix') return (gridOf(state).selected?.findings.length ?? 0) > 0;
  return view.kind === 'findings' && selectedFinding(state) !== undefined;
}

export function open(state: State): Step {
  const view = viewOf(state);
  if (view.kind === 'overview') {
    const row = selectedRow(rowsOf(state), view.selected);
    if (row === undefined) return [state];
    if (row.kind === 'category') return [{ ...state, unfolded: { ...state.unfolded, [row.name]: !row.unfolded } }];
    const [only, ...others] = row.check.report?.findings ?? [];
    if (only !== undefined && others.length === 0) return read(state, 'finding');
    const [first] = worstFirst(row.check.report?.findings ?? []);
    const selected = first === undefined ? null : keyOf(first);
    return opened(state, { kind: 'findings', subject: { of: 'check', id: row.check.id }, selected });
  }
  if (view.kind === 'matrix') {
    const { selected } = gridOf(state);
    if (selected === null) return [state];
    const { from, to } = selected;
    return opened(state, { kind: 'findings', subject: { of: 'pair', from, to }, selected: null });
  }
  return read(state, 'finding');
}

export function read(state: State, of: 'finding' | 'remedy'): Step {
  const finding = selectedFinding(state);
  return finding === undefined ? [state] : show(state, { of, key: keyOf(finding) });
}

export function show(state: State, text: Text): Step {
  return opened(state, { kind: 'text', text, top: 0 });
}

export function openPage(state: State): Step {
  const check = selectedCheck(state);
  if (check === null) return [state];
  const [next] = show(state, { of: 'page', check });
  return state.pages[check] === undefined ? [next, { do: 'page', check }] : [next];
}

export function openMatrix(state: State): Step {
  const below = state.views.findIndex(({ kind }) => kind === 'matrix');
  // The matrix below is the one that is meant.
  if (below >= 0) return [{ ...state, views: state.views.slice(0, below + 1) }];
  return opened(state, { kind: 'matrix', from: null, to: null, layer: 'all' });
}

export function back(state: State): Step {
  if (state.views.length > 1) return [{ ...state, views: state.views.slice(0, -1) }];
  return [{ ...state, filter: '', faultsOnly: false }];
}

export function nextLayer(state: State): Step {
  const view = viewOf(state);
  if (view.kind !== 'matrix') return [state];
  const layer = LAYERS[(LAYERS.indexOf(view.layer) + 1) % LAYERS.length] ?? 'all';
  return [withView(state, { ...view, layer })];
}

function opened(state: State, view: View): Step {
  return [{ ...state, views: [...state.views, view] }];
}

export function startFilter(state: State): Step {
  return [{ ...state, prompt: { kind: 'filter', before: state.filter } }];
}
