/**
 * What becomes of the claims of compute services that listen: the event log is read once for all of them, and a change concerns a
 * listener only when it names its service or a Task that it claims.
 */
import type { ComputeServiceId, ScopedKey, TaskStatus } from "@alchemiscale/contract";
import type { Event, StateStore } from "@alchemiscale/statestore";
import type { ChangeFeed } from "../events/change-feed.ts";

/** A line of the stream (see `ClaimNews` of the contract). */
export type News =
  | { readonly claims: readonly { readonly task: ScopedKey; readonly actioned: boolean }[] }
  | { readonly lost: ScopedKey; readonly status: TaskStatus }
  | { readonly unactioned: ScopedKey }
  | { readonly registered: false };

interface Listener {
  readonly service: ComputeServiceId;
  readonly held: Set<ScopedKey>;
  /** Not yet written. */
  readonly news: News[];
  /** Changes that came before the first reading. */
  early: Event[] | null;
  /** Wakes the writer; undefined while it writes. */
  wake: (() => void) | undefined;
}

const signOfLifeMs = 15_000;

export class ClaimWatch {
  readonly #store: StateStore;
  readonly #feed: ChangeFeed;
  readonly #byService = new Map<ComputeServiceId, Set<Listener>>();
  readonly #byTask = new Map<ScopedKey, Set<Listener>>();
  #subscription: Promise<() => void> | undefined;

  constructor(store: StateStore, feed: ChangeFeed) {
    this.#store = store;
    this.#feed = feed;
  }

  /** All that `service` claims, then what becomes of it, until `ended`; null as a sign of life. */
  async *listen(service: ComputeServiceId, ended: AbortSignal): AsyncGenerator<News | null> {
    const listener: Listener = { service, held: new Set(), news: [], early: [], wake: undefined };
    add(this.#byService, service, listener);
    const stop = (): void => listener.wake?.();
    ended.addEventListener("abort", stop, { once: true });
    try {
      await this.#subscribe();
      const claims = await this.#store.claims.held(service);
      if (claims === null) {
        yield { registered: false };
        return;
      }
      for (const { task } of claims) this.#hold(listener, task);
      yield { claims };
      const early = listener.early ?? [];
      listener.early = null;
      for (const event of early) this.#tell(listener, event);
      while (!ended.aborted) {
        const next = listener.news.shift();
        if (next !== undefined) {
          yield next;
          if ("registered" in next) return;
        } else if (!(await changed(listener)) && !ended.aborted) yield null;
      }
    } finally {
      ended.removeEventListener("abort", stop);
      this.#leave(listener);
    }
  }

  async #subscribe(): Promise<void> {
    for (;;) {
      this.#subscription ??= this.#feed.subscribe((events) => this.#hear(events));
      const subscription = this.#subscription;
      try {
        await subscription;
      } catch (error) {
        if (this.#subscription === subscription) this.#subscription = undefined;
        throw error;
      }
      // The last listener may have left meanwhile.
      if (this.#subscription === subscription) return;
    }
  }

  #leave(listener: Listener): void {
    remove(this.#byService, listener.service, listener);
    for (const task of listener.held) remove(this.#byTask, task, listener);
    if (this.#byService.size > 0) return;
    void this.#subscription?.then(
      (unsubscribe) => unsubscribe(),
      () => {},
    );
    this.#subscription = undefined;
  }

  #hear(events: readonly Event[]): void {
    for (const event of events) {
      const concerned = new Set<Listener>();
      if (event.kind === "claim") collect(concerned, this.#byService.get(event.service as ComputeServiceId));
      if (event.kind === "deregister" || event.kind === "expire") {
        collect(concerned, this.#byService.get(event.from as ComputeServiceId));
      }
      if (event.task !== null) {
        collect(concerned, this.#byTask.get(event.task));
        // A change of a Task that is not known yet may concern one who has not read its claims.
        for (const each of this.#byService.values()) for (const listener of each) if (listener.early) concerned.add(listener);
      }
      for (const listener of concerned) {
        if (listener.early === null) this.#tell(listener, event);
        else listener.early.push(event);
      }
    }
  }

  #tell(listener: Listener, event: Event): void {
    const { kind, task } = event;
    if (kind === "deregister" || kind === "expire") {
      if (event.from === listener.service) this.#say(listener, { registered: false });
      return;
    }
    if (task === null) return;
    if (kind === "claim" && event.service === listener.service) this.#hold(listener, task);
    if (!listener.held.has(task)) return;
    if (kind === "status" && event.to !== "running") {
      listener.held.delete(task);
      remove(this.#byTask, task, listener);
      const own = event.service === listener.service && (event.to === "complete" || event.to === "error");
      if (!own) this.#say(listener, { lost: task, status: event.to as TaskStatus });
    } else if (kind === "cancel") void this.#sayWhereActionedNowhere(listener, task);
  }

  async #sayWhereActionedNowhere(listener: Listener, task: ScopedKey): Promise<void> {
    try {
      const networks = await this.#store.hubs.actionedNetworks(task);
      if (networks.size === 0 && listener.held.has(task)) this.#say(listener, { unactioned: task });
    } catch {
      // The feed logs that the store cannot be read; the Task goes on, as it does where nobody listens.
    }
  }

  #hold(listener: Listener, task: ScopedKey): void {
    listener.held.add(task);
    add(this.#byTask, task, listener);
  }

  #say(listener: Listener, news: News): void {
    listener.news.push(news);
    listener.wake?.();
  }
}

/** True when there is news, false after some time or when the stream ends. */
function changed(listener: Listener): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      listener.wake = undefined;
      resolve(listener.news.length > 0);
    };
    const timer = setTimeout(end, signOfLifeMs);
    listener.wake = end;
  });
}

function collect(into: Set<Listener>, listeners: Iterable<Listener> | undefined): void {
  for (const listener of listeners ?? []) into.add(listener);
}

function add<K>(map: Map<K, Set<Listener>>, key: K, listener: Listener): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, new Set([listener]));
  else there.add(listener);
}

function remove<K>(map: Map<K, Set<Listener>>, key: K, listener: Listener): void {
  const there = map.get(key);
  there?.delete(listener);
  if (there?.size === 0) map.delete(key);
}
