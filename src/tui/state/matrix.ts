import type { Finding } from '../../report/schema.ts';
import { pairOf, pairStatuses } from '../../report/text/pairs.ts';
import { isFault, type Status } from '../../values/status.ts';
import type { CheckState, Layer, State } from './state.ts';
import { viewOf } from './state.ts';

/** A directed pair of nodes. */
export interface Cell {
  readonly from: string;
  readonly to: string;
  /** The worst; null is not tested. */
  readonly status: Status | null;
  readonly findings: readonly Finding[];
}

/** Rows send, columns receive. */
export interface Grid {
  readonly senders: readonly string[];
  readonly receivers: readonly string[];
  readonly cell: (from: string, to: string) => Cell;
  /** Null where there are no two nodes. */
  readonly selected: Cell | null;
}

type Cells = Pick<Grid, 'cell'>;

/** The same checks give the same cells: they are counted once. */
const known = new WeakMap<readonly CheckState[], Map<Layer, Cells>>();

export function gridOf(state: State): Grid {
  const { results, faultsOnly } = state;
  const view = viewOf(state);
  const matrix = view.kind === 'matrix' ? view : state.views.find((each) => each.kind === 'matrix');
  const layer = matrix?.kind === 'matrix' ? matrix.layer : 'all';
  const { cell } = cellsOf(state, layer);
  const names = results.nodes.map(({ name }) => name);
  const isWrong = (from: string, to: string) => isFault(cell(from, to).status);
  const senders = faultsOnly ? names.filter((from) => names.some((to) => isWrong(from, to))) : names;
  const receivers = faultsOnly ? names.filter((to) => names.some((from) => isWrong(from, to))) : names;
  return { senders, receivers, cell, selected: selectedCell(senders, receivers, cell, matrix) };
}

function cellsOf({ results }: State, layer: Layer): Cells {
  const byLayer = known.get(results.checks) ?? new Map<Layer, Cells>();
  known.set(results.checks, byLayer);
  const counted = byLayer.get(layer) ?? count(results.checks, results.nodes, layer);
  byLayer.set(layer, counted);
  return counted;
}

function count(checks: readonly CheckState[], nodes: State['results']['nodes'], layer: Layer): Cells {
  const findings = checks.flatMap(({ report }) => report?.findings ?? []).filter((each) => isOf(layer, each));
  const byPair = Map.groupBy(findings, (finding) => {
    const pair = pairOf(finding);
    return pair === null ? '' : nameOf(pair.from, pair.to);
  });
  const statusOf = pairStatuses({ checks: [{ findings }], nodes }, 'all');
  return {
    cell: (from, to) => ({ from, to, status: statusOf(from, to), findings: byPair.get(nameOf(from, to)) ?? [] }),
  };
}

/** What was learned of a machine as a whole counts in every layer. */
function isOf(layer: Layer, { check, probe }: Finding): boolean {
  if (layer === 'all') return true;
  if (check === 'network/mtu') return layer === 'mtu';
  return probe === undefined || probe.to.protocol === layer;
}

function nameOf(from: string, to: string): string {
  return JSON.stringify([from, to]);
}

/** The one that the user chose; before that the first that is wrong, else the first there is. */
function selectedCell(
  senders: readonly string[],
  receivers: readonly string[],
  cell: Grid['cell'],
  chosen: { readonly from?: string | null; readonly to?: string | null } | undefined,
): Cell | null {
  if (chosen?.from !== undefined && chosen.from !== null && chosen.to !== undefined && chosen.to !== null) {
    if (senders.includes(chosen.from) && receivers.includes(chosen.to)) return cell(chosen.from, chosen.to);
  }
  return faultyCells({ senders, receivers, cell })[0] ?? firstPair(senders, receivers, cell);
}

function firstPair(senders: readonly string[], receivers: readonly string[], cell: Grid['cell']): Cell | null {
  for (const from of senders) for (const to of receivers) if (from !== to) return cell(from, to);
  return null;
}

export function faultyCells({ senders, receivers, cell }: Pick<Grid, 'senders' | 'receivers' | 'cell'>): Cell[] {
  return senders.flatMap((from) => receivers.map((to) => cell(from, to))).filter(({ status }) => isFault(status));
}
