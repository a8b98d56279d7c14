import pLimit from 'p-limit';

/** A job with more probes than these is a sweep: half of what may be on the way is for sweeps, and half for everything else. */
const SWEEP = 64;
/** A short job that is silent makes room for the next after this part of the time after which silence is silence. */
const PATIENCE_SHARE = 8;

export interface Lanes {
  /** Probes on the way at the same time that nothing has come of yet. */
  readonly inFlight: number;
  /** Milliseconds after which silence is silence. */
  readonly silenceMs: number;
}

/**
 * Starts jobs so that all of them together keep no more on the way than they may, and gives what came of each in their order. Sweeps run side by side,
 * so that several that are dropped whole cost one silence; short jobs follow each other, and those that stay silent for a while are not waited for.
 */
export async function runInLanes<J, R>(
  jobs: readonly J[],
  sizeOf: (job: J) => number,
  { inFlight, silenceMs }: Lanes,
  start: (job: J, share: number) => Promise<R>,
): Promise<R[]> {
  const sweeps = jobs.filter((job) => sizeOf(job) > SWEEP);
  const short = jobs.filter((job) => sizeOf(job) <= SWEEP);
  const forShort = sweeps.length === 0 ? inFlight : Math.max(1, Math.floor(inFlight / 2));
  const forSweeps = short.length === 0 ? inFlight : Math.max(1, inFlight - forShort);
  const results = new Map<J, R>();
  const run = async (job: J, share: number) => void results.set(job, await start(job, share));
  await Promise.all([
    inLane(sweeps, forSweeps, Infinity, run),
    inLane(short, forShort, silenceMs / PATIENCE_SHARE, run),
  ]);
  return jobs.flatMap((job) => {
    const result = results.get(job);
    return result === undefined ? [] : [result];
  });
}

/** Each has its share of the lane, and one that takes longer than patience lasts makes room. */
async function inLane<J>(
  jobs: readonly J[],
  width: number,
  patienceMs: number,
  run: (job: J, share: number) => Promise<void>,
): Promise<void> {
  const share = Math.max(1, Math.floor(width / Math.max(1, jobs.length)));
  const limit = pLimit(Math.max(1, Math.floor(width / share)));
  const running: Promise<void>[] = [];
  const begun = jobs.map((job) =>
    limit(async () => {
      const work = run(job, share);
      running.push(work);
      // It may fail while others are still waiting for room; it is heard of below.
      work.catch(() => undefined);
      await atMost(work, patienceMs);
    }),
  );
  await Promise.all(begun);
  await Promise.all(running);
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  if (ms === Infinity) return work;
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
