import { setTimeout as sleep } from 'node:timers/promises';

export interface Beats {
  /** Milliseconds from one beat to the next. */
  readonly interval: number;
  /** Ends them; a run that is under way is waited for. */
  readonly signal: AbortSignal;
  readonly run: () => Promise<void>;
  /** So many beats came while a run was under way. */
  readonly skipped: (beats: number) => void;
}

/** Runs at once and at every beat, and never two at a time: what falls due during a run is left out. */
export async function keepRunning({ interval, signal, run, skipped }: Beats): Promise<void> {
  const start = performance.now();
  const since = () => performance.now() - start;
  let due = 0;
  while (!signal.aborted) {
    await run();
    const beats = Math.max(1, Math.ceil((since() - due) / interval));
    due += beats * interval;
    if (beats > 1) skipped(beats - 1);
    await sleep(Math.max(0, due - since()), undefined, { signal }).catch(() => undefined);
  }
}
