import type { Finding } from '../../report/schema.ts';
import { pairFindings } from '../../report/text/pairs.ts';
import { isFault, STATUSES } from '../../values/status.ts';
import { gridOf } from './matrix.ts';
import { matches } from './matches.ts';
import { rowsOf, selectedRow } from './rows.ts';
import type { CheckState, State, Subject, View } from './state.ts';
import { viewOf } from './state.ts';

/** A finding from run to run. */
export function keyOf(finding: Finding): string {
  const known = keys.get(finding);
  if (known !== undefined) return known;
  const { check, nodes, subject } = finding;
  const key = JSON.stringify([check, nodes, subject]);
  keys.set(finding, key);
  return key;
}

const keys = new WeakMap<Finding, string>();

export function checkNamed({ results }: State, id: string): CheckState | undefined {
  return results.checks.find((check) => check.id === id);
}

export function findingWith(state: State, key: string): Finding | undefined {
  return allFindings(state.results.checks).find((finding) => keyOf(finding) === key);
}

/** What the same finding was in the run before. */
export function before({ results }: State, finding: Finding): Finding | undefined {
  const previous = results.checks.find(({ id }) => id === finding.check)?.previous;
  const key = keyOf(finding);
  return previous?.findings.find((each) => keyOf(each) === key);
}

const flat = new WeakMap<readonly CheckState[], readonly Finding[]>();

/** Every finding so far, in the order of the checks. */
export function allFindings(checks: readonly CheckState[]): readonly Finding[] {
  const known = flat.get(checks);
  if (known !== undefined) return known;
  const all = checks.flatMap(({ report }) => report?.findings ?? []);
  flat.set(checks, all);
  return all;
}

/** The findings of a list, as they are filtered. Asked for again of the same state, they are the same. */
export function findingsOf(state: State, subject: Subject): readonly Finding[] {
  const { faultsOnly, filter, results } = state;
  const name = JSON.stringify([subject, faultsOnly, filter]);
  if (latest?.checks === results.checks && latest.name === name) return latest.findings;
  const findings = unfiltered(state, subject).filter(
    (finding) => (!faultsOnly || isFault(finding.status)) && matches(filter, finding),
  );
  latest = { checks: results.checks, name, findings };
  return findings;
}

let latest: {
  readonly checks: readonly CheckState[];
  readonly name: string;
  readonly findings: readonly Finding[];
} | null = null;

function unfiltered(state: State, subject: Subject): readonly Finding[] {
  if (subject.of === 'check') return checkNamed(state, subject.id)?.report?.findings ?? [];
  const about = pairFindings({ checks: [{ findings: allFindings(state.results.checks) }] })
    .filter(({ pair }) => pair.from === subject.from && pair.to === subject.to)
    .map(({ finding }) => finding);
  return worstFirst(about);
}

export function worstFirst(findings: readonly Finding[]): Finding[] {
  return STATUSES.flatMap((status) => findings.filter((finding) => finding.status === status));
}

/** The finding that keys such as `x` and `c` are about. */
export function selectedFinding(state: State): Finding | undefined {
  return ofView(state, viewOf(state));
}

function ofView(state: State, view: View): Finding | undefined {
  switch (view.kind) {
    case 'overview': {
      const row = selectedRow(rowsOf(state), view.selected);
      return row?.kind === 'check' ? worstFirst(row.check.report?.findings ?? [])[0] : undefined;
    }
    case 'findings': {
      const shown = findingsOf(state, view.subject);
      return shown.find((finding) => keyOf(finding) === view.selected) ?? shown[0];
    }
    case 'matrix': {
      const cell = gridOf(state).selected;
      return cell === null ? undefined : worstFirst(cell.findings)[0];
    }
    case 'text':
      if (view.text.of === 'finding' || view.text.of === 'remedy') return findingWith(state, view.text.key);
      if (view.text.of === 'page') {
        const below = state.views.at(-2);
        return below === undefined ? undefined : ofView({ ...state, views: state.views.slice(0, -1) }, below);
      }
      return undefined;
  }
}

/** The check that `e` and `r` are about. */
export function selectedCheck(state: State): string | null {
  const view = viewOf(state);
  if (view.kind === 'overview') {
    const row = selectedRow(rowsOf(state), view.selected);
    return row?.kind === 'check' ? row.check.id : null;
  }
  if (view.kind === 'findings' && view.subject.of === 'check') return view.subject.id;
  if (view.kind === 'text' && view.text.of === 'page') return view.text.check;
  return selectedFinding(state)?.check ?? null;
}
