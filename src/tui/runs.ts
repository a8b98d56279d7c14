import type { RunEvent } from '../engine/events.ts';
import type { Session } from './session.ts';

/** Runs of a session, one at a time. */
export interface Runs {
  /** Does nothing while a run goes on. */
  start(only: readonly string[] | null): void;
  /** Breaks off what goes on; settles when it has said what it found, or takes too long for that. */
  interrupt(): Promise<void>;
}

/** How long a run that was broken off may take to say what it found. Milliseconds. */
const ENDING_MS = 2_000;

export function createRuns(
  session: Pick<Session, 'run' | 'budget'>,
  onEvent: (event: RunEvent, only: readonly string[] | null) => void,
  onFailure: (error: unknown) => void,
): Runs {
  let going: { readonly controller: AbortController; readonly over: Promise<void> } | null = null;

  const conduct = async (only: readonly string[] | null, controller: AbortController) => {
    const budget = setTimeout(() => controller.abort('budget-spent'), session.budget);
    try {
      for await (const event of session.run(only, controller.signal)) onEvent(event, only);
    } catch (error) {
      onFailure(error);
    } finally {
      clearTimeout(budget);
      going = null;
    }
  };

  return {
    start: (only) => {
      if (going !== null) return;
      const controller = new AbortController();
      const run = { controller, over: Promise.resolve() };
      going = run;
      run.over = conduct(only, controller);
    },
    interrupt: async () => {
      if (going === null) return;
      going.controller.abort('interrupted');
      await Promise.race([going.over, new Promise((late) => setTimeout(late, ENDING_MS).unref())]);
    },
  };
}
