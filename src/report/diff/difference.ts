import { STATUSES, type Status, type Verdict } from '../../values/status.ts';
import { ReportError, type SavedReport } from './read-report.ts';

/** In the order in which a reader wants them. */
export const CHANGES = ['worse', 'new', 'gone', 'better', 'same'] as const;

export type Change = (typeof CHANGES)[number];

/** What a report says of a subject. */
interface Seen {
  readonly status: Status;
  readonly reason: string;
  readonly message: string;
}

/** One subject of a check; null where a report does not judge it. */
export interface Changed {
  readonly change: Change;
  readonly check: string;
  readonly nodes: readonly string[];
  readonly subject: string;
  readonly old: Seen | null;
  readonly new: Seen | null;
}

interface Side {
  readonly run: string;
  readonly startedAt: string;
  readonly version: string;
  readonly verdict: Verdict;
}

/** Two reports beside each other; as JSON a contract like the report itself. */
export interface Difference {
  readonly schema: 'seaworthy.diff/v1';
  /** Something is worse, or something new is not as it should be. */
  readonly becameWorse: boolean;
  readonly old: Side;
  readonly new: Side;
  readonly summary: Readonly<Record<Change, number>>;
  readonly findings: readonly Changed[];
}

/** What became of each finding: (check, nodes, subject) says which is which. Throws a ReportError where that cannot be known. */
export function difference(before: SavedReport, after: SavedReport): Difference {
  if ((before.redacted || after.redacted) && before.run.id !== after.run.id) {
    const which =
      before.redacted && after.redacted ? 'both reports were' : `the ${before.redacted ? 'old' : 'new'} one was`;
    throw new ReportError(
      `${which} written with --redact, whose words stand for other things in each run; compare reports that were written without it.`,
    );
  }
  const old = judged(before);
  const now = judged(after);
  const keys = [...new Set([...now.keys(), ...old.keys()])];
  const all = keys.flatMap((key) => changed(old.get(key) ?? null, now.get(key) ?? null));
  const findings = CHANGES.flatMap((change) => all.filter((each) => each.change === change));
  const count = (change: Change) => findings.filter((each) => each.change === change).length;
  return {
    schema: 'seaworthy.diff/v1',
    becameWorse: findings.some(isWorse),
    old: sideOf(before),
    new: sideOf(after),
    summary: {
      worse: count('worse'),
      new: count('new'),
      gone: count('gone'),
      better: count('better'),
      same: count('same'),
    },
    findings,
  };
}

/** Not as it should be, and it was not so before. */
export function isWorse({ change, new: now }: Changed): boolean {
  return change === 'worse' || (change === 'new' && isWrong(now));
}

export function isWrong(seen: Seen | null): boolean {
  return seen !== null && seen.status !== 'pass';
}

type SavedFinding = SavedReport['findings'][number];

/** By identity, the worst where several are about one subject. What was skipped was not judged. */
function judged({ findings }: SavedReport): Map<string, SavedFinding> {
  const byKey = new Map<string, SavedFinding>();
  for (const finding of findings) {
    if (finding.status === 'skip') continue;
    const key = JSON.stringify([finding.check, finding.nodes, finding.subject]);
    const before = byKey.get(key);
    if (before === undefined || rank(finding) < rank(before)) byKey.set(key, finding);
  }
  return byKey;
}

function rank({ status }: Seen): number {
  return STATUSES.indexOf(status);
}

function changed(old: SavedFinding | null, now: SavedFinding | null): Changed[] {
  const known = now ?? old;
  if (known === null) return [];
  const { check, nodes, subject } = known;
  return [{ change: changeOf(old, now), check, nodes, subject, old: seen(old), new: seen(now) }];
}

function changeOf(old: SavedFinding | null, now: SavedFinding | null): Change {
  if (old === null) return 'new';
  if (now === null) return 'gone';
  if (rank(old) === rank(now)) return 'same';
  return rank(now) < rank(old) ? 'worse' : 'better';
}

function seen(finding: SavedFinding | null): Seen | null {
  if (finding === null) return null;
  const { status, reason, message } = finding;
  return { status, reason, message };
}

function sideOf({ run, tool, verdict }: SavedReport): Side {
  return { run: run.id, startedAt: run.startedAt, version: tool.version, verdict };
}
