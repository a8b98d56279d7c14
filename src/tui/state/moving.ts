import type { Finding } from '../../report/schema.ts';
import { isFault } from '../../values/status.ts';
import { findingsOf, keyOf } from './findings.ts';
import { faultyCells, gridOf, type Cell } from './matrix.ts';
import { rowsOf, selectedIndex, selectedRow, type Row } from './rows.ts';
import { viewOf, bodyHeight, withView, type State } from './state.ts';
import type { Step } from './step.ts';

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
