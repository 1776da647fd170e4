/**
 * The newest events of one Task or network, kept for all who watch it: a change is read from the store once, whatever their number.
 * A watcher keeps only the id that he has come to. One who has fallen behind what is kept here reads on from the store, at his own
 * pace; so nothing is ever held for a slow one.
 */
import type { ScopedKey } from "@alchemiscale/contract";
import type { Event } from "@alchemiscale/statestore";
import { eventBlock } from "./event-text.ts";

/** Reads events of the subject after an id. */
export type ReadEvents = (key: ScopedKey, after: number, limit: number) => Promise<readonly Event[]>;

const page = 500;
const keptEvents = 2000;
const retryMs = 1000;

interface Block {
  readonly id: number;
  readonly text: string;
}

/** Text for a watcher, and where he stands with it. */
export interface Batch {
  readonly text: string;
  readonly position: number;
}

export class EventTail {
  readonly #key: ScopedKey;
  readonly #read: ReadEvents;
  readonly #waiting = new Set<() => void>();
  #blocks: Block[] = [];
  /** What was after this id is in the blocks. */
  #keptAfter: number;
  /** Everything up to this id was read. */
  #position: number;
  /** The feed has come so far. */
  #known = 0;
  #refreshing = false;
  #again = false;

  constructor(key: ScopedKey, read: ReadEvents, position: number) {
    this.#key = key;
    this.#read = read;
    this.#keptAfter = position;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  /** What comes after `position`; null when there is nothing yet. */
  async after(position: number): Promise<Batch | null> {
    if (position >= this.#position) return null;
    if (position < this.#keptAfter) {
      const until = this.#position;
      const events = await this.#read(this.#key, position, page);
      const last = events.at(-1);
      if (last === undefined) return { text: "", position: until };
      return { text: events.map(eventBlock).join(""), position: events.length < page ? Math.max(last.id, until) : last.id };
    }
    const first = this.#blocks.findIndex((block) => block.id > position);
    const blocks = first < 0 ? [] : this.#blocks.slice(first, first + page);
    const last = blocks.at(-1);
    const complete = first < 0 || first + page >= this.#blocks.length;
    return {
      text: blocks.map((block) => block.text).join(""),
      position: complete || last === undefined ? this.#position : last.id,
    };
  }

  /** Something of this subject happened; everything up to `known` can be read. */
  refresh(known: number): void {
    this.#known = Math.max(this.#known, known);
    this.#again = true;
    if (!this.#refreshing) void this.#refresh();
  }

  /** Nothing of this subject happened up to there. */
  pass(position: number): void {
    if (!this.#refreshing) this.#position = Math.max(this.#position, position);
  }

  /** Resolved with true when something has come, with false after `ms` or when the signal says so. */
  change(ms: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (changed: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", stop);
        resolve(changed);
      };
      const wake = (): void => end(true);
      const stop = (): void => end(false);
      const timer = setTimeout(stop, ms);
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      else this.#waiting.add(wake);
    });
  }

  async #refresh(): Promise<void> {
    this.#refreshing = true;
    try {
      while (this.#again) {
        this.#again = false;
        const known = this.#known;
        for (let full = true; full; ) {
          const events = await this.#read(this.#key, this.#position, page);
          full = events.length === page;
          this.#blocks.push(...events.map((event) => ({ id: event.id, text: eventBlock(event) })));
          this.#position = full ? (events.at(-1)?.id ?? this.#position) : Math.max(this.#position, events.at(-1)?.id ?? 0, known);
          this.#drop();
          for (const wake of [...this.#waiting]) wake();
        }
      }
    } catch {
      // The feed logs that the store cannot be read.
      setTimeout(() => this.refresh(this.#known), retryMs).unref();
    } finally {
      this.#refreshing = false;
    }
  }

  #drop(): void {
    const over = this.#blocks.length - keptEvents;
    if (over <= 0) return;
    this.#keptAfter = this.#blocks[over - 1]?.id ?? this.#keptAfter;
    this.#blocks = this.#blocks.slice(over);
  }
}
