/**
 * Telling other processes on the same database that something has changed, over LISTEN and NOTIFY.
 *
 * The notification is sent after the commit and not within the transaction: PostgreSQL makes transactions that notify commit one after the
 * other, which would cost more than half of the claims. It says only "look", so one is enough for all changes of a moment. What a
 * process had no time to say before it was killed is found a little later, by looking now and then unasked.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { ChangeListeners } from "../change-listeners.ts";

const channel = "alchemiscale_change";
/** At most one notification in this time. */
const gatherMs = 20;
const lookUnaskedMs = 5000;
const reconnectMs = 1000;

export class ChangeChannel {
  readonly #url: string;
  readonly #send: (text: string, values: readonly string[]) => Promise<unknown>;
  readonly #listeners = new ChangeListeners(() => this.#listen());
  /** Of this process: it has heard of its own changes already. */
  readonly #sender = randomUUID();
  #gathering: NodeJS.Timeout | undefined;
  #sending: Promise<unknown> = Promise.resolve();

  /** @param send runs one statement on any connection */
  constructor(url: string, send: (text: string, values: readonly string[]) => Promise<unknown>) {
    this.#url = url;
    this.#send = send;
  }

  watch(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** This process has written something. */
  wrote(): void {
    this.#listeners.tell();
    this.#gathering ??= setTimeout(() => this.#notify(), gatherMs);
  }

  async close(): Promise<void> {
    this.#listeners.close();
    if (this.#gathering !== undefined) this.#notify();
    await this.#sending;
  }

  #notify(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    // One that cannot be sent is made up for by looking unasked.
    this.#sending = this.#send("select pg_notify($1, $2)", [channel, this.#sender]).catch(() => {});
  }

  #listen(): () => void {
    let ended = false;
    let client: pg.Client | undefined;
    let again: NodeJS.Timeout | undefined;
    const connect = async (): Promise<void> => {
      const opened = new pg.Client({
        connectionString: this.#url,
        keepAlive: true,
        connectionTimeoutMillis: 10_000,
        application_name: "alchemiscale changes",
      });
      client = opened;
      let lost = false;
      const onLost = (): void => {
        if (lost) return;
        lost = true;
        void opened.end().catch(() => {});
        if (!ended) again = setTimeout(() => void connect(), reconnectMs).unref();
      };
      opened.on("error", onLost).on("end", onLost);
      opened.on("notification", ({ payload }) => {
        if (payload !== this.#sender) this.#listeners.tell();
      });
      try {
        await opened.connect();
        await opened.query(`listen ${channel}`);
        // What was said while nobody listened.
        this.#listeners.tell();
      } catch {
        onLost();
      }
      if (ended) await opened.end().catch(() => {});
    };
    void connect();
    const unasked = setInterval(() => this.#listeners.tell(), lookUnaskedMs).unref();
    return () => {
      ended = true;
      clearInterval(unasked);
      clearTimeout(again);
      void client?.end().catch(() => {});
    };
  }
}
