/** A timer comes so often, if the process gets to it. Milliseconds. */
const TICK_MS = 20;

/** How long this process did not come to look at its sockets: what they told meanwhile it cannot have seen. */
export interface LagWatch {
  /** Longest pause since the last call, in milliseconds. */
  take(): number;
  stop(): void;
}

export function watchLag(): LagWatch {
  let last = performance.now();
  let longest = 0;
  const note = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last - TICK_MS);
    last = now;
  };
  const timer = setInterval(note, TICK_MS);
  timer.unref();
  return {
    take: () => {
      note();
      const taken = longest;
      longest = 0;
      return taken;
    },
    stop: () => clearInterval(timer),
  };
}
