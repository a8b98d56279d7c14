import type { ListenAddress } from '../plan/settings.ts';
import type { Report } from '../report/schema.ts';
import { isLoopback, parseIp } from '../values/ip.ts';
import { answering } from './answers.ts';
import { keepRunning } from './beats.ts';
import { openServer } from './http-server.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import { keepRuns, type EndedRun } from './runs.ts';

export interface ServeOptions {
  readonly place: ListenAddress;
  /** Milliseconds from the start of one run to the next. */
  readonly interval: number;
  /** Milliseconds that a run may take. */
  readonly budget: number;
  /** In the metrics each port between nodes too. */
  readonly verbose: boolean;
  /** One run, from nothing to its report. */
  readonly run: () => Promise<EndedRun>;
  /** What else is done with each report, but that of a run which `signal` ended. */
  readonly deliver: (report: Report) => Promise<void>;
  /** Null where this node is not one of a cluster that checks itself. */
  readonly neighbourhood: () => Neighbourhood | null;
  /** Hears of a run that ended without a report or could not deliver it, after so many with one: returns why, as a sentence, or throws what ends all. */
  readonly broke: (error: unknown, reports: number) => string;
  /** Ends it. */
  readonly signal: AbortSignal;
}

export interface Serving {
  readonly port: number;
  /** Settles when the last run is over and everything is closed; rejects with what `broke` throws. */
  readonly over: Promise<void>;
}

/** Runs on an interval and serves the last report. Rejects with a SystemError when the port cannot be opened; nothing has run then. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { place, interval, budget, verbose, run, deliver, neighbourhood, broke, signal } = options;
  const runs = keepRuns();
  const ip = place.address === null ? null : parseIp(place.address);
  const answer = answering({
    runs: runs.now,
    neighbourhood,
    stale: 2 * (interval + budget),
    verbose,
    local: ip !== null && isLoopback(ip),
  });
  const server = await openServer({ ...place, answer });
  const beat = async () => {
    try {
      const ended = await run();
      runs.ended(ended);
      if (!signal.aborted) await deliver(ended.report);
    } catch (error) {
      runs.broke(broke(error, runs.now().ended));
    }
  };
  const runOn = async () => {
    try {
      await keepRunning({ interval, signal, run: beat, skipped: runs.skipped });
    } finally {
      await server.close();
    }
  };
  return { port: server.port, over: runOn() };
}
