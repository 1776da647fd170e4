/** The tails that somebody watches, and which of them a change concerns. */
import { qualnameOf, type Scope, type ScopedKey, scopeOf } from "@alchemiscale/contract";
import type { Event, StateStore } from "@alchemiscale/statestore";
import type { ChangeFeed } from "./change-feed.ts";
import { EventTail } from "./event-tail.ts";

interface Watched {
  readonly tail: EventTail;
  watchers: number;
}

export class EventTails {
  readonly #store: StateStore;
  readonly #feed: ChangeFeed;
  readonly #tasks = new Map<ScopedKey, Watched>();
  readonly #networks = new Map<ScopedKey, Watched>();
  #unsubscribe: Promise<() => void> | undefined;

  constructor(store: StateStore, feed: ChangeFeed) {
    this.#store = store;
    this.#feed = feed;
  }

  /** The tail of a Task or a network; `leave` once it is no longer watched. */
  async watch(key: ScopedKey): Promise<{ readonly tail: EventTail; readonly leave: () => void }> {
    await this.#listen();
    const isTask = qualnameOf(key) === "Task";
    const watched = isTask ? this.#tasks : this.#networks;
    let entry = watched.get(key);
    if (entry === undefined) {
      const { events } = this.#store;
      const read = (of: ScopedKey, after: number, limit: number) =>
        isTask ? events.ofTask(of, after, limit) : events.ofNetwork(of, after, limit);
      entry = { tail: new EventTail(key, read, this.#feed.position), watchers: 0 };
      watched.set(key, entry);
    }
    const mine = entry;
    mine.watchers += 1;
    return {
      tail: mine.tail,
      leave: () => {
        mine.watchers -= 1;
        if (mine.watchers === 0) watched.delete(key);
        if (this.#tasks.size + this.#networks.size === 0) this.#rest();
      },
    };
  }

  async #listen(): Promise<void> {
    for (;;) {
      this.#unsubscribe ??= this.#feed.subscribe((events, position) => this.#tell(events, position));
      const subscription = this.#unsubscribe;
      try {
        await subscription;
      } catch (error) {
        if (this.#unsubscribe === subscription) this.#unsubscribe = undefined;
        throw error;
      }
      // The last watcher may have left meanwhile.
      if (this.#unsubscribe === subscription) return;
    }
  }

  #rest(): void {
    void this.#unsubscribe?.then((unsubscribe) => unsubscribe());
    this.#unsubscribe = undefined;
  }

  #tell(events: readonly Event[], position: number): void {
    if (this.#tasks.size > 0) {
      const changed = new Set(events.map((event) => event.task));
      for (const [key, { tail }] of this.#tasks) {
        if (changed.has(key)) tail.refresh(position);
        else tail.pass(position);
      }
    }
    if (this.#networks.size > 0) void this.#tellNetworks(events, position);
  }

  async #tellNetworks(events: readonly Event[], position: number): Promise<void> {
    const scopes = new Set<Scope>();
    for (const { task, network } of events) {
      const key = task ?? network;
      if (key !== null) scopes.add(scopeOf(key));
    }
    const near = [...this.#networks].filter(([key]) => scopes.has(scopeOf(key)));
    // Which networks a Task belongs to stands in the store: one question for all, where it saves some.
    const touched = near.length > fewNetworks ? await this.#touched(events, position) : null;
    for (const [key, { tail }] of near) {
      if (touched === null || touched.has(key)) tail.refresh(position);
    }
  }

  async #touched(events: readonly Event[], position: number): Promise<ReadonlySet<ScopedKey> | null> {
    const [first] = events;
    if (first === undefined) return new Set();
    try {
      return new Set(await this.#store.events.networksTouched(first.id - 1, position));
    } catch {
      return null;
    }
  }
}

const fewNetworks = 3;
