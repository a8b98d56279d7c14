import type { ReadStream, WriteStream } from 'node:tty';
import type { Report } from '../report/schema.ts';
import { createPerformer } from './perform.ts';
import { createRuns, type Runs } from './runs.ts';
import type { Outcome, Session } from './session.ts';
import { reduce, type Happening } from './state/reduce.ts';
import { initialState } from './state/state.ts';
import { createPainter } from './terminal/render.ts';
import { takeTerminal } from './terminal/terminal.ts';
import { App } from './views/app.tsx';
import type { Look } from './views/look.ts';

export interface Opening {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly look: Look;
  /** False: some facts are shown to root alone. */
  readonly root: boolean;
  /** Asked for once the first frame is drawn: loading what a run needs takes longer than that. Rejects when there can be none. */
  readonly session: () => Promise<Session>;
}

/** At most 15 updates a second. */
const FRAME_MS = 67;
/** How often time passes on the screen while something goes on. */
const TICK_MS = 200;

/** Opens the UI and runs what the plan says; settles when the user leaves, with the terminal as it was found. */
export async function openInterface({ stdin, stdout, look, root, session: load }: Opening): Promise<Outcome> {
  const { promise: left, resolve: leave, reject: breakOff } = Promise.withResolvers<number | null>();
  const painter = createPainter(look);
  const terminal = takeTerminal(stdin, stdout, {
    onInput: (input) => dispatch(input),
    onChange: () => dispatch({ type: 'resize', size: terminal.size() }),
    onEnd: leave,
  });
  let state = initialState(terminal.size(), Date.now(), { root, budget: 0, peerLine: '' });
  let runs: Runs | null = null;
  let paintedAt = 0;
  let painting: NodeJS.Timeout | undefined;

  const paint = () => {
    painting = undefined;
    paintedAt = performance.now();
    terminal.draw(painter.paint(<App state={state} look={look} />, state.size));
  };
  const dispatch = (happening: Happening) => {
    const before = state;
    const [next, ...effects] = reduce(state, happening);
    state = next;
    for (const effect of effects) perform(effect);
    // A screen of another size is empty, whatever the state is.
    if (state === before && happening.type !== 'resize') return;
    painting ??= setTimeout(paint, Math.max(0, FRAME_MS - (performance.now() - paintedAt)));
  };
  const { perform, use } = createPerformer({ terminal, dispatch, leave, state: () => state, runs: () => runs });

  const begin = async () => {
    const session = await load();
    runs = createRuns(
      session,
      (event, only) => dispatch({ type: 'event', event, only, now: Date.now() }),
      (error) => {
        // Of a first run that cannot be had nothing is to be seen here.
        if (state.results.report === null) breakOff(error);
        else dispatch({ type: 'failed', why: sentence(error), now: Date.now() });
      },
    );
    use(session);
    dispatch({ type: 'session', budget: session.budget, peerLine: session.peers.line });
    runs.start(null);
  };
  /** What is known; where that is nothing yet, what the first run found until now. */
  const lastReport = async (): Promise<Report | null> => {
    const { report } = state.results;
    await runs?.interrupt();
    // What was broken off says less than what it was to replace.
    return report ?? state.results.report;
  };

  const ticking = setInterval(() => {
    if (state.results.running !== null || state.watch !== null) dispatch({ type: 'tick', now: Date.now() });
  }, TICK_MS);
  try {
    paint();
    begin().catch(breakOff);
    const code = await left;
    terminal.leave();
    return { code, report: await lastReport() };
  } finally {
    clearInterval(ticking);
    clearTimeout(painting);
    terminal.leave();
    painter.close();
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
