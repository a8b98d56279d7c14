/** Who looks at counters of machines has these machines for itself. */
export interface MachineLocks {
  /** Runs the work once all of these are free, or when waiting has taken too long: `exclusive` is then false. */
  hold<T>(machines: readonly string[], work: (exclusive: boolean) => Promise<T>): Promise<T>;
}

/** @param patienceMs From the first wait on: with many faults the last pairs would wait for minutes. */
export function machineLocks(patienceMs: number): MachineLocks {
  const busy = new Set<string>();
  const waiting: { readonly machines: readonly string[]; readonly go: (exclusive: boolean) => void }[] = [];
  let patience: NodeJS.Timeout | null = null;
  let lost = false;

  const take = (machines: readonly string[]) => {
    for (const machine of machines) busy.add(machine);
  };
  const next = () => {
    for (const each of waiting.slice()) {
      if (each.machines.some((machine) => busy.has(machine))) continue;
      waiting.splice(waiting.indexOf(each), 1);
      take(each.machines);
      each.go(true);
    }
  };
  const loseAll = () => {
    lost = true;
    for (const { go } of waiting.splice(0)) go(false);
  };
  return {
    hold: async (machines, work) => {
      const exclusive = await new Promise<boolean>((go) => {
        if (lost) {
          go(false);
          return;
        }
        waiting.push({ machines, go });
        patience ??= setTimeout(loseAll, patienceMs).unref();
        next();
      });
      try {
        return await work(exclusive);
      } finally {
        if (exclusive) for (const machine of machines) busy.delete(machine);
        next();
      }
    },
  };
}
