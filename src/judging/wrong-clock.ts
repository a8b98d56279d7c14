/** A clock against one that all are held against, in milliseconds. */
export interface Clock {
  readonly name: string;
  /** How far it is ahead. */
  readonly offsetMs: number;
  /** How wrong that may be, either way. */
  readonly uncertaintyMs: number;
}

/** A clock that most others contradict. */
export interface WrongClock {
  readonly clock: Clock;
  /** The middle one of those that agree. */
  readonly against: Clock;
  readonly agree: readonly Clock[];
}

/** Every clock is in exactly one of them. */
export interface ClockVerdict {
  readonly wrong: readonly WrongClock[];
  /** Each differs from another of them, and nobody can tell which is wrong. */
  readonly disputed: readonly Clock[];
  /** Too roughly known to say whether they differ from another by more than the limit. */
  readonly vague: readonly Clock[];
  readonly inStep: readonly Clock[];
}

/**
 * Whose clock is wrong, where two may differ by `limitMs`. A clock is wrong when more than half of all agree with one another, and each of these
 * is proved to differ from it: by more than the limit, whatever the uncertainty hides. Without such a majority nobody is accused.
 */
export function judgeClocks(clocks: readonly Clock[], limitMs: number): ClockVerdict {
  const differ = (a: Clock, b: Clock) => gapOf(a, b) - uncertaintyOf(a, b) > limitMs;
  const majorities = agreeing(clocks, limitMs).filter((group) => group.length > clocks.length / 2);
  const wrong = clocks.flatMap((clock): WrongClock[] => {
    const agree = majorities.find((group) => group.every((each) => differ(each, clock)));
    const against = agree?.[Math.floor(agree.length / 2)];
    return agree === undefined || against === undefined ? [] : [{ clock, against, agree }];
  });
  const rest = clocks.filter((clock) => wrong.every((each) => each.clock !== clock));
  const disputed = rest.filter((clock) => rest.some((other) => differ(clock, other)));
  const calm = rest.filter((clock) => !disputed.includes(clock));
  // Of two that may be apart the one that is known worse is to blame for the doubt.
  const vague = calm.filter((clock) =>
    calm.some(
      (other) =>
        other !== clock &&
        clock.uncertaintyMs >= other.uncertaintyMs &&
        gapOf(clock, other) + uncertaintyOf(clock, other) > limitMs,
    ),
  );
  return { wrong, disputed: byOffset(disputed), vague, inStep: calm.filter((clock) => !vague.includes(clock)) };
}

export function gapOf(a: Clock, b: Clock): number {
  return Math.abs(a.offsetMs - b.offsetMs);
}

export function uncertaintyOf(a: Clock, b: Clock): number {
  return a.uncertaintyMs + b.uncertaintyMs;
}

/** Every largest set of clocks any two of which may be within the limit, by offset: one for each clock that could be the slowest of its set. */
function agreeing(clocks: readonly Clock[], limitMs: number): Clock[][] {
  return clocks.map((slowest) => {
    const latest = latestOf(slowest);
    return byOffset(
      clocks.filter((each) => latestOf(each) >= latest && each.offsetMs - each.uncertaintyMs <= latest + limitMs),
    );
  });
}

function latestOf({ offsetMs, uncertaintyMs }: Clock): number {
  return offsetMs + uncertaintyMs;
}

function byOffset(clocks: readonly Clock[]): Clock[] {
  return [...clocks].sort((a, b) => a.offsetMs - b.offsetMs);
}
