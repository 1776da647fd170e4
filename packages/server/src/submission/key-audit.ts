/** Verifies the keys of submitted objects when there is time for it, and logs those that are not the keys of their content (gufe §1.6). */
import { performance } from "node:perf_hooks";
import type { ScopedKey } from "@alchemiscale/contract";
import { blocksOf } from "@alchemiscale/gufe";
import type { StateStore } from "@alchemiscale/statestore";
import type { FastifyBaseLogger } from "fastify";
import type { WorkerThreads } from "../worker-threads.ts";

/** Nobody waits for the verdict, so it waits for a pause between submissions in which the server has little else to do: it takes as long as a submission itself. */
const pauseMilliseconds = 3_000;
/** As a share of the time. */
const littleToDo = 0.5;
/** Networks that may wait, and pauses that may pass; with more they are looked at whatever there is to do. */
const mostWaiting = 10_000;
const mostPauses = 100;

export class KeyAudit {
  readonly #objects: Pick<StateStore["objects"], "packedChain">;
  readonly #workers: WorkerThreads;
  readonly #logger: FastifyBaseLogger;
  /** Only their keys: what was submitted is read again when its turn comes, as a few large networks would be most of the server's memory. */
  readonly #waiting: ScopedKey[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pauses = 0;
  #running = false;

  constructor(objects: Pick<StateStore["objects"], "packedChain">, workers: WorkerThreads, logger: FastifyBaseLogger) {
    this.#objects = objects;
    this.#workers = workers;
    this.#logger = logger;
  }

  /** Takes a network that is new in its scope. */
  add(network: ScopedKey): void {
    this.#waiting.push(network);
    if (this.#waiting.length > mostWaiting) void this.#run();
    else this.#pause();
  }

  #pause(): void {
    clearTimeout(this.#timer);
    const before = performance.eventLoopUtilization();
    this.#timer = setTimeout(() => {
      this.#pauses += 1;
      const { utilization } = performance.eventLoopUtilization(before);
      if (utilization > littleToDo && this.#pauses < mostPauses) this.#pause();
      else void this.#run();
    }, pauseMilliseconds).unref();
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#pauses = 0;
    if (this.#running) return;
    this.#running = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await this.#audit(next);
    this.#running = false;
  }

  async #audit(network: ScopedKey): Promise<void> {
    try {
      const packed = await this.#objects.packedChain(network);
      if (packed === null) return;
      const mismatched = await this.#workers.run("mismatchedKeys", packed, blocksOf(packed));
      if (mismatched.length > 0) this.#logger.warn({ network, mismatched }, "keys that are not those of their content");
    } catch (error) {
      this.#logger.debug({ err: error, network }, "the keys of a network could not be verified");
    }
  }
}
