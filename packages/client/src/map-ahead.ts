/**
 * `work` on each item, at most `atOnce` under way, in the order of the items; no more than `atOnce` outcomes ever wait for their turn.
 * Leaving the loop early, or a failure, aborts the signal of what is under way and waits for it.
 */
export async function* mapAhead<S, T>(
  items: AsyncIterable<S> | Iterable<S>,
  atOnce: number,
  work: (item: S, signal: AbortSignal) => Promise<T>,
): AsyncGenerator<T> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const stop = new AbortController();
  const begun: Promise<T>[] = [];
  let ended = false;
  try {
    for (;;) {
      while (!ended && begun.length < atOnce) {
        const next = await iterator.next();
        if (next.done === true) ended = true;
        else {
          const outcome = work(next.value, stop.signal);
          // A failure is told in its turn.
          outcome.catch(() => {});
          begun.push(outcome);
        }
      }
      const first = begun.shift();
      if (first === undefined) return;
      yield await first;
    }
  } finally {
    stop.abort(new Error("no longer wanted"));
    await Promise.allSettled(begun);
    await iterator.return?.();
  }
}
