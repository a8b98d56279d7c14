import type { RunEvent } from '../engine/events.ts';
import type { Report } from '../report/schema.ts';

/** What the UI asks of the program around it. */
export interface Session {
  /** Runs what the plan says; or, when named by id or category, only that, whatever was left out before. One run at a time. */
  run(only: readonly string[] | null, signal: AbortSignal): AsyncIterable<RunEvent>;
  /** Milliseconds after which a run is ended. */
  readonly budget: number;
  /** The page of a check, as Markdown. */
  page(check: string): Promise<string>;
  /** The report as a file of it has it. */
  json(report: Report): string;
  /** Writes a file that the user named. Rejects with a sentence. */
  write(path: string, text: string): Promise<void>;
  readonly peers: PeerDesk;
}

/** Other machines of the run. */
export interface PeerDesk {
  /** No token was given: adding a peer asks for it. */
  readonly needsToken: () => boolean;
  /** The line that makes another machine a peer of this one. */
  readonly line: string;
  /** Takes part from the next run on. Throws a sentence when that cannot be; `token` is the text of one, null when there is one already. */
  add(name: string, token: string | null): Promise<void>;
}

/** How the UI ended. */
export interface Outcome {
  /** What was found; null when nothing was. */
  readonly report: Report | null;
  /** 128 and the number of the signal that ended it; null when the user quit. */
  readonly code: number | null;
}
