/** This process among the API processes of the store: it says that it is there, and expires the silent when it is its turn. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { ObjectStore } from "@alchemiscale/objectstore";
import type { ApiProcess, ApiProcessKind, StateStore } from "@alchemiscale/statestore";
import type { FastifyBaseLogger } from "fastify";
import { expireServices } from "./compute/compute-services.ts";
import { expireManagers } from "./compute/managers/manager-registrations.ts";
import { sweepKeptFiles } from "./results/sweep-kept-files.ts";
import type { ServerLimits } from "./server-limits.ts";

const maxBeatSeconds = 10;
/** So many beats may fail to come through before a process counts as gone, and a time without any as an outage. */
const beatsToDeath = 3;
/** The duty of one process at a time. */
const duty = "expiry";
const sweepMs = 3_600_000;

export interface PresenceOptions {
  readonly stateStore: StateStore;
  readonly objectStore: ObjectStore;
  readonly limits: ServerLimits;
  readonly logger: FastifyBaseLogger;
  readonly kind: ApiProcessKind;
}

export class Presence {
  readonly #options: PresenceOptions;
  readonly #self: Omit<ApiProcess, "heartbeat">;
  readonly #beatSeconds: number;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;
  #sweep: Promise<void> = Promise.resolve();
  #swept = Number.NEGATIVE_INFINITY;

  constructor(options: PresenceOptions) {
    const { registrationExpireSeconds, managerExpireSeconds } = options.limits;
    this.#options = options;
    this.#beatSeconds = Math.min(maxBeatSeconds, registrationExpireSeconds / 10, managerExpireSeconds / 10);
    this.#self = {
      id: randomUUID(),
      kind: options.kind,
      host: hostname(),
      pid: process.pid,
      started: Date.now() * 1000,
    };
  }

  /** Registers. @throws {StateStoreUnavailable} */
  async start(): Promise<void> {
    await this.#beat();
    this.#next();
  }

  /** What this process did is free for others at once, as far as the store can be reached. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#turn;
    await this.#sweep;
    try {
      await this.#options.stateStore.processes.leave(this.#self.id);
    } catch (error) {
      this.#options.logger.warn({ err: error }, "the store still lists this process, until its time is over");
    }
  }

  #next(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#turn = this.#takeTurn().finally(() => this.#next());
    }, this.#beatSeconds * 1000).unref();
  }

  async #takeTurn(): Promise<void> {
    try {
      await this.#beat();
      await this.#expire();
    } catch (error) {
      this.#options.logger.error({ err: error }, "expired compute services and managers could not be looked for");
    }
  }

  async #beat(): Promise<void> {
    await this.#options.stateStore.processes.beat(this.#self, this.#beatSeconds * beatsToDeath);
  }

  /** Not by a process that serves users alone: its settings of how long silence may last may not be those of the compute API. */
  async #expire(): Promise<void> {
    const { stateStore, kind } = this.#options;
    if (kind === "user") return;
    if (!(await stateStore.processes.takeLease(duty, this.#self.id, this.#beatSeconds * beatsToDeath))) return;
    await expireServices(this.#options);
    await expireManagers(this.#options);
    // Aside: beats go on however many files there are.
    if (performance.now() - this.#swept >= sweepMs) {
      this.#swept = performance.now();
      this.#sweep = this.#sweepFiles();
    }
  }

  async #sweepFiles(): Promise<void> {
    const { objectStore, limits, logger } = this.#options;
    const { keptFilesDays, keptFilesBytes } = limits;
    try {
      const gone = await sweepKeptFiles(objectStore, { days: keptFilesDays || null, bytes: keptFilesBytes || null });
      if (gone.files > 0) logger.info(gone, "old files that were kept beside results are removed");
    } catch (error) {
      logger.error({ err: error }, "files that are kept beside results could not be looked through");
    }
  }
}
