import type { Finding } from '../../report/schema.ts';
import { isFault } from '../../values/status.ts';
import { checkNamed, findingsOf, keyOf, selectedCheck, selectedFinding, worstFirst } from './findings.ts';
import { faultyCells, gridOf, type Cell } from './matrix.ts';
import { rowsOf, selectedIndex, selectedRow, type Row } from './rows.ts';
import { bodyHeight, LAYERS, viewOf, type State, type Text, type View } from './state.ts';
import type { Step } from './step.ts';

/** Milliseconds between two runs that `w` offers. */
const WATCHES = [10_000, 30_000, 60_000] as const;

function withView(state: State, view: View): State {
  return { ...state, views: [...state.views.slice(0, -1), view] };
}

function opened(state: State, view: View): Step {
  return [{ ...state, views: [...state.views, view] }];
}

export function move(state: State, by: number): Step {
  const view = viewOf(state);
  switch (view.kind) {
    case 'overview': {
      const rows = rowsOf(state);
      const index = clamp(selectedIndex(rows, view.selected) + by, rows.length);
      return [withView(state, { ...view, selected: rows[index]?.key ?? null })];
    }
    case 'findings': {
      const shown = findingsOf(state, view.subject);
      const index = clamp(indexOf(shown, view.selected) + by, shown.length);
      return [withView(state, { ...view, selected: keyAt(shown, index) })];
    }
    case 'matrix': {
      const { senders, receivers, selected } = gridOf(state);
      if (selected === null) return [state];
      const from = senders[clamp(senders.indexOf(selected.from) + by, senders.length)];
      return [
        withView(state, { ...view, from: from ?? null, to: receivers.includes(selected.to) ? selected.to : null }),
      ];
    }
    case 'text':
      return [withView(state, { ...view, top: Math.max(0, view.top + by) })];
  }
}

export function page(state: State, direction: 1 | -1): Step {
  return move(state, direction * Math.max(1, bodyHeight(state) - 2));
}

export function jump(state: State, where: 'first' | 'last'): Step {
  return move(state, where === 'first' ? -Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER);
}

/** Folds and unfolds categories; moves along a row of the matrix. */
export function sideways(state: State, by: 1 | -1): Step {
  const view = viewOf(state);
  if (view.kind === 'matrix') {
    const { senders, receivers, selected } = gridOf(state);
    if (selected === null) return [state];
    const to = receivers[clamp(receivers.indexOf(selected.to) + by, receivers.length)];
    return [withView(state, { ...view, from: senders.includes(selected.from) ? selected.from : null, to: to ?? null })];
  }
  if (view.kind !== 'overview') return [state];
  const row = selectedRow(rowsOf(state), view.selected);
  if (row === undefined) return [state];
  const name = row.kind === 'category' ? row.name : row.check.category;
  const next = { ...state, unfolded: { ...state.unfolded, [name]: by === 1 } };
  return [by === 1 ? next : withView(next, { ...view, selected: name })];
}

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

export function hasFaults(state: State): boolean {
  const view = viewOf(state);
  switch (view.kind) {
    case 'overview':
      return faultyChecks(state).length > 0;
    case 'findings':
      return findingsOf(state, view.subject).some(({ status }) => isFault(status));
    case 'matrix':
      return faultyCells(gridOf(state)).length > 0;
    case 'text':
      return false;
  }
}

/** To the next one, or from the last one to the first. */
export function fault(state: State, by: 1 | -1): Step {
  const view = viewOf(state);
  switch (view.kind) {
    case 'overview': {
      const order = state.results.checks.map(({ id }) => id);
      const row = selectedRow(rowsOf(state), view.selected);
      const id = next(order, faultyChecks(state), placeOf(order, row, by), by);
      if (id === undefined) return [state];
      const category = id.split('/')[0] ?? id;
      return [withView({ ...state, unfolded: { ...state.unfolded, [category]: true } }, { ...view, selected: id })];
    }
    case 'findings': {
      const shown = findingsOf(state, view.subject);
      const keys = shown.map(keyOf);
      const faulty = shown.filter(({ status }) => isFault(status)).map(keyOf);
      const selected = next(keys, faulty, indexOf(shown, view.selected), by) ?? view.selected;
      return [withView(state, { ...view, selected })];
    }
    case 'matrix': {
      const grid = gridOf(state);
      const nameOf = ({ from, to }: Pick<Cell, 'from' | 'to'>) => JSON.stringify([from, to]);
      const cells = grid.senders.flatMap((from) => grid.receivers.map((to) => ({ from, to })));
      const names = cells.map(nameOf);
      const here = grid.selected === null ? -1 : names.indexOf(nameOf(grid.selected));
      const name = next(names, faultyCells(grid).map(nameOf), here, by);
      const cell = cells.find((each) => nameOf(each) === name);
      return [cell === undefined ? state : withView(state, { ...view, ...cell })];
    }
    case 'text':
      return [state];
  }
}

function faultyChecks({ results }: State): string[] {
  return results.checks.flatMap(({ id, report }) => (report !== null && isFault(report.status) ? [id] : []));
}

/** A category stands before its first check. */
function placeOf(order: readonly string[], row: Row | undefined, by: 1 | -1): number {
  if (row === undefined) return -1;
  if (row.kind === 'check') return order.indexOf(row.check.id);
  return order.indexOf(row.members[0]?.id ?? '') - (by === 1 ? 1 : 0);
}

function next(order: readonly string[], wanted: readonly string[], here: number, by: 1 | -1): string | undefined {
  const places = wanted.map((name) => order.indexOf(name));
  const beyond = by === 1 ? places.find((place) => place > here) : places.findLast((place) => place < here);
  return order[beyond ?? (by === 1 ? places[0] : places.at(-1)) ?? -1];
}

export function startFilter(state: State): Step {
  return [{ ...state, prompt: { kind: 'filter', before: state.filter } }];
}

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

/** It is left out unless somebody asks for it, and not because of `--skip`: what it does to the machine is for the user to allow, each time. */
function wasNotAsked(state: State, id: string): boolean {
  const check = checkNamed(state, id);
  return [...(check?.report?.findings ?? []), ...(check?.previous?.findings ?? [])].some(
    ({ reason, subject }) => reason === 'not-asked' && !subject.startsWith('--skip'),
  );
}

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

export function nextWatch(state: State): Step {
  const index = WATCHES.findIndex((interval) => interval === state.watch);
  return [{ ...state, watch: WATCHES[index + 1] ?? null }];
}

function indexOf(findings: readonly Finding[], key: string | null): number {
  return Math.max(
    0,
    findings.findIndex((finding) => keyOf(finding) === key),
  );
}

function keyAt(findings: readonly Finding[], index: number): string | null {
  const finding = findings[index];
  return finding === undefined ? null : keyOf(finding);
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, index));
}
