/** Who wants to hear of changes of the store, and what has to run for it only while somebody does. */
export class ChangeListeners {
  readonly #listeners = new Set<() => void>();
  readonly #start: () => () => void;
  #stop: (() => void) | undefined;

  /** @param start looks out for what other processes write, until the function that it returns is called */
  constructor(start: () => () => void) {
    this.#start = start;
  }

  add(listener: () => void): () => void {
    // A function of its own, so that the same listener may be added twice.
    const entry = () => listener();
    this.#listeners.add(entry);
    this.#stop ??= this.#start();
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.close();
    };
  }

  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}

/** Operations that write, but nothing that anybody watches. */
const unseen = new Set(["services.heartbeat", "store.check"]);

export function mayBeSeen(call: { readonly domain: string; readonly method: string; readonly mode: string }): boolean {
  return call.mode === "write" && !unseen.has(`${call.domain}.${call.method}`);
}
