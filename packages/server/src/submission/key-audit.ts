/** Verifies the keys of submitted objects when there is time for it, and logs those that are not the keys of their content (gufe §1.6). */
import type { FastifyBaseLogger } from "fastify";
import type { WorkerThreads } from "../worker-threads.ts";

interface Audited {
  readonly network: string;
  readonly entries: readonly { readonly key: string; readonly text: string }[];
}

/** Nobody waits for the verdict, so it waits for a pause between submissions: it takes as long as a submission itself. */
const pauseMilliseconds = 3_000;
/** Texts that may wait, in characters; more are looked at without waiting. */
const mostWaiting = 32 * 1024 ** 2;

export class KeyAudit {
  readonly #workers: WorkerThreads;
  readonly #logger: FastifyBaseLogger;
  readonly #waiting: Audited[] = [];
  #waitingLength = 0;
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  constructor(workers: WorkerThreads, logger: FastifyBaseLogger) {
    this.#workers = workers;
    this.#logger = logger;
  }

  /** Takes a network that is new in its scope. */
  add(network: string, entries: Audited["entries"]): void {
    this.#waiting.push({ network, entries: entries.map(({ key, text }) => ({ key, text })) });
    this.#waitingLength += entries.reduce((sum, { text }) => sum + text.length, 0);
    clearTimeout(this.#timer);
    if (this.#waitingLength > mostWaiting) void this.#run();
    else this.#timer = setTimeout(() => void this.#run(), pauseMilliseconds).unref();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#waitingLength -= next.entries.reduce((sum, { text }) => sum + text.length, 0);
      await this.#audit(next);
    }
    this.#running = false;
  }

  async #audit({ network, entries }: Audited): Promise<void> {
    try {
      const mismatched = await this.#workers.run("mismatchedKeys", entries);
      if (mismatched.length > 0) this.#logger.warn({ network, mismatched }, "keys that are not those of their content");
    } catch (error) {
      this.#logger.debug({ err: error, network }, "the keys of a network could not be verified");
    }
  }
}
