import { storiesOf, type Story } from '../../report/text/stories.ts';
import { isFault, STATUSES } from '../../values/status.ts';
import { allFindings } from './findings.ts';
import type { CheckState } from './state.ts';

/** The same checks tell the same stories: of thousands of findings they are made once. */
const known = new WeakMap<readonly CheckState[], readonly Story[]>();

/** What is wrong between the nodes, with what happened alike told once, the worst first. */
export function causesOf(checks: readonly CheckState[]): readonly Story[] {
  const told = known.get(checks);
  if (told !== undefined) return told;
  const all = allFindings(checks);
  const stories = STATUSES.filter(isFault).flatMap((status) =>
    storiesOf(
      all.filter((finding) => finding.status === status),
      all,
    ),
  );
  known.set(checks, stories);
  return stories;
}
