import { isFault, worst, type Status } from '../../values/status.ts';
import { checkMatches } from './matches.ts';
import type { CheckState, State } from './state.ts';

/** A line of the overview. */
export type Row =
  | {
      readonly kind: 'category';
      readonly key: string;
      readonly name: string;
      readonly unfolded: boolean;
      readonly members: readonly CheckState[];
      /** Those of them that the filter leaves. */
      readonly shown: readonly CheckState[];
      readonly status: Status | null;
    }
  | { readonly kind: 'check'; readonly key: string; readonly check: CheckState };

/** The lines of the overview: categories, and below those that are unfolded their checks. One with a fault, or where something changed, unfolds by itself. */
export function rowsOf({ results, unfolded, faultsOnly, filter }: State): readonly Row[] {
  return [...Map.groupBy(results.checks, ({ category }) => category)].flatMap(([name, all]): Row[] => {
    const shown = all.filter(
      (check) =>
        checkMatches(filter, check) && (!faultsOnly || (check.report !== null && isFault(check.report.status))),
    );
    if (shown.length === 0) return [];
    const known = all.flatMap(({ report }) => report?.status ?? []);
    const status = known.length === 0 ? null : worst(known);
    const isUnfolded = unfolded[name] ?? (filter !== '' || faultsOnly || isFault(status) || shown.some(hasChanged));
    const rows = isUnfolded ? shown : [];
    return [
      { kind: 'category', key: name, name, unfolded: isUnfolded, members: all, shown, status },
      ...rows.map((check): Row => ({ kind: 'check', key: check.id, check })),
    ];
  });
}

/** It is something else than it was in the run before. */
export function hasChanged({ report, previous }: CheckState): boolean {
  return report !== null && previous !== null && report.status !== previous.status;
}

/** The row that is selected: where it is not seen any more, its category. Nothing chosen yet is the worst there is. */
export function selectedRow(rows: readonly Row[], selected: string | null): Row | undefined {
  return rows[selectedIndex(rows, selected)];
}

export function selectedIndex(rows: readonly Row[], selected: string | null): number {
  if (selected === null) return Math.max(0, worstIndex(rows));
  const exact = rows.findIndex(({ key }) => key === selected);
  return Math.max(0, exact >= 0 ? exact : rows.findIndex(({ key }) => key === selected.split('/')[0]));
}

function worstIndex(rows: readonly Row[]): number {
  const statuses = rows.map((row) => (row.kind === 'check' ? (row.check.report?.status ?? null) : null));
  const wanted = worst(statuses.flatMap((status) => (status !== null && isFault(status) ? [status] : [])));
  return statuses.indexOf(wanted);
}
