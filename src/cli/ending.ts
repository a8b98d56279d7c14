import type { Ending } from '../engine/court.ts';
import { exitWith } from '../system/exit.ts';

/** 128 and the number of the signal, as a shell reports it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 } as const;

type EndingSignal = keyof typeof EXIT_CODES;

/** Within this time the same signal again is the same one: a terminal sends it to us and to our launcher, which passes it on. */
const ECHO_MS = 300;

/** What can end a run before its time. */
export interface RunEnding {
  /** Aborts with an Ending as its reason. */
  readonly signal: AbortSignal;
  /** When what is timed began, by performance.now(): peers are met and a cluster is asked before anything is judged. */
  readonly began: number;
  /** The exit code of the signal that ended the run, or null. */
  readonly exitCode: () => number | null;
  /** What is done first, and takes a while on other machines, does not count towards the budget. */
  readonly uncounted: <T>(work: () => Promise<T>) => Promise<T>;
  /** The run is over: its budget no longer counts. */
  readonly settle: () => void;
}

/**
 * The first of these signals ends the run with what was found so far, a second one ends the program at once. The budget, in milliseconds, ends the run
 * too; null is none.
 */
export function watchEnding(budget: number | null): RunEnding {
  const began = performance.now();
  const controller = new AbortController();
  const end = (reason: Ending) => controller.abort(reason);
  let first: { signal: EndingSignal; at: number } | null = null;
  const onSignal = (signal: EndingSignal) => {
    if (first === null) {
      first = { signal, at: performance.now() };
      end('interrupted');
    } else if (signal !== first.signal || performance.now() - first.at > ECHO_MS) {
      exitWith(EXIT_CODES[signal]);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => onSignal(signal));
  const startTimer = () => (budget === null ? undefined : setTimeout(() => end('budget-spent'), budget));
  let timer = startTimer();
  return {
    uncounted: async (work) => {
      clearTimeout(timer);
      try {
        return await work();
      } finally {
        timer = startTimer();
      }
    },
    signal: controller.signal,
    began,
    exitCode: () => (first === null ? null : EXIT_CODES[first.signal]),
    settle: () => clearTimeout(timer),
  };
}
