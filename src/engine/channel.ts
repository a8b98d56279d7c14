/** What several side-by-side tasks push, one consumer reads in the order it came. */
export interface Channel<T> extends AsyncIterable<T> {
  push(item: T): void;
  /** Ends the iteration; with an error it throws there. */
  close(error?: unknown): void;
}

export function createChannel<T>(): Channel<T> {
  const items: T[] = [];
  let ended: { error?: unknown } | null = null;
  let wake: () => void = () => undefined;
  return {
    push: (item) => {
      items.push(item);
      wake();
    },
    close: (error) => {
      ended ??= error === undefined ? {} : { error };
      wake();
    },
    async *[Symbol.asyncIterator]() {
      while (true) {
        for (let item = items.shift(); item !== undefined; item = items.shift()) yield item;
        if (ended !== null) {
          if ('error' in ended) throw ended.error;
          return;
        }
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    },
  };
}
