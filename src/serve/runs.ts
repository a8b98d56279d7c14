import type { Report } from '../report/schema.ts';

/** What is known of the runs of `serve` at a moment. */
export interface Runs {
  /** The last one that ended with a report. */
  readonly last: EndedRun | null;
  /** Why the latest one ended without any, or could not deliver it, as a sentence. */
  readonly broken: string | null;
  readonly ended: number;
  readonly failed: number;
  /** Beats that came while a run was under way. */
  readonly skipped: number;
  /** Milliseconds since the last report, or where there is none yet since the start. */
  readonly age: number;
}

export interface EndedRun {
  readonly report: Report;
  /** Whether it found nothing that `--fail-on` names. */
  readonly fine: boolean;
}

/** Keeps the last report, and counts. */
export interface RunKeeper {
  readonly now: () => Runs;
  readonly ended: (run: EndedRun) => void;
  readonly broke: (why: string) => void;
  readonly skipped: (beats: number) => void;
}

export function keepRuns(): RunKeeper {
  let since = performance.now();
  let runs: Omit<Runs, 'age'> = { last: null, broken: null, ended: 0, failed: 0, skipped: 0 };
  return {
    now: () => ({ ...runs, age: performance.now() - since }),
    ended: (last) => {
      runs = { ...runs, last, broken: null, ended: runs.ended + 1 };
      since = performance.now();
    },
    broke: (broken) => {
      runs = { ...runs, broken, failed: runs.failed + 1 };
    },
    skipped: (beats) => {
      runs = { ...runs, skipped: runs.skipped + beats };
    },
  };
}
