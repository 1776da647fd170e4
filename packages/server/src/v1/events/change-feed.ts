/**
 * What happens in the store, read once for everyone in this process who waits for something: watchers of events and waiting claims.
 * The store says when to look; then the new part of the event log is read, a page at a time, and given to all. It rests while nobody
 * waits.
 */
import type { Event, StateStore } from "@alchemiscale/statestore";
import type { FastifyBaseLogger } from "fastify";

const page = 1000;
/** Between two looks: many changes of a busy moment are read at once. */
const restMs = 20;

/** @param position every event up to it has been told */
export type FeedListener = (events: readonly Event[], position: number) => void;

export class ChangeFeed {
  readonly #store: StateStore;
  readonly #logger: FastifyBaseLogger;
  readonly #listeners = new Set<FeedListener>();
  #started: Promise<void> | undefined;
  #unwatch: (() => void) | undefined;
  #position = 0;
  #reading = false;
  #again = false;
  #rest: NodeJS.Timeout | undefined;

  constructor(store: StateStore, logger: FastifyBaseLogger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Everything up to this id has been told. */
  get position(): number {
    return this.#position;
  }

  /** Tells everything that is written after this call has come back. Ends with the function that comes back. */
  async subscribe(listener: FeedListener): Promise<() => void> {
    this.#listeners.add(listener);
    try {
      this.#started ??= this.#start();
      await this.#started;
    } catch (error) {
      this.#leave(listener);
      throw error;
    }
    return () => this.#leave(listener);
  }

  #leave(listener: FeedListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#started = undefined;
    clearTimeout(this.#rest);
    this.#rest = undefined;
  }

  async #start(): Promise<void> {
    // Watched before the position is read: what is written in between is read again, not missed.
    this.#unwatch = this.#store.watch(() => this.#look());
    this.#position = await this.#store.events.latest();
  }

  #look(): void {
    this.#again = true;
    if (this.#reading || this.#rest !== undefined || this.#listeners.size === 0) return;
    void this.#read();
  }

  async #read(): Promise<void> {
    this.#reading = true;
    this.#again = false;
    try {
      await this.#started;
      for (let full = true; full && this.#listeners.size > 0; ) {
        const events = await this.#store.events.since(this.#position, page);
        const last = events.at(-1);
        if (last !== undefined) {
          this.#position = last.id;
          for (const listener of this.#listeners) listener(events, last.id);
        }
        full = events.length === page;
      }
    } catch (error) {
      // The store says again when to look; whoever waits goes on waiting.
      this.#logger.warn({ err: error }, "the event log could not be read; it is read again");
    } finally {
      this.#reading = false;
    }
    if (this.#listeners.size === 0) return;
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      if (this.#again) this.#look();
    }, restMs);
  }
}
