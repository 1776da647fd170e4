import { randomUUID } from "node:crypto";
import {
  AlchemiscaleComputeManagerClient,
  ApiError,
  type ApiFetch,
  type ComputeManagerInstruction,
  ConnectionError,
  delay,
  type RetryPolicy,
  retryPolicy,
} from "@alchemiscale/client";
import { type ComputeManagerId, computeManagerUuid, parseComputeManagerId, type Scope } from "@alchemiscale/contract";
import type { ManagerSettings } from "./manager-settings.ts";
import { type Platform, serviceNameOf } from "./platform.ts";
import { saturation, servicesWanted } from "./sizing.ts";

/** What a manager must know of the services that it starts. */
export interface ServiceFacts {
  readonly url: string;
  readonly identifier: string;
  readonly key: string;
  /** Null = all. */
  readonly scopes: readonly Scope[] | null;
  /** Null = any. */
  readonly protocols: readonly string[] | null;
  readonly claimLimit: number;
}

/** Levels of a service's log. */
export interface ManagerLog {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

export interface ManagerOptions {
  readonly log: ManagerLog;
  /** Takes the place of a manager of the same name, unless that is in error. */
  readonly steal?: boolean;
  /** Ends after so many cycles. */
  readonly maxCycles?: number;
  readonly fetch?: ApiFetch;
  /** Of a manager that goes on where another process of it ended. */
  readonly id?: ComputeManagerId;
}

/** The name belongs to another manager, or to one in error. */
export class NameTaken extends Error {
  override readonly name = "NameTaken";
  /** In error: somebody must look and clear it. */
  readonly inError: boolean;

  constructor(name: string, inError: boolean, detail: string) {
    super(
      inError
        ? `the compute manager ${name} is in error: see why, then clear it (alchemiscale compute manager --clear-error). The server says: ${detail}`
        : `another compute manager has the name ${name}: end it, or take its place with --steal. The server says: ${detail}`,
    );
    this.inError = inError;
  }
}

const farewellSeconds = 15;

/**
 * Asks the server again and again whether there is work, and starts services on its platform while there is (compute-api §9.2).
 *
 * A cycle: *OK* starts as many services as the Tasks, the limits and those there are call for; *SKIP*, as services of this manager fail, starts none; both
 * report how full it is. *SHUTDOWN* means that the registration is gone, for instance stolen: the manager ends. What goes wrong on the platform is
 * reported as the manager's error, which keeps its name until somebody clears it. A server that is away is waited for.
 */
export class ComputeManager {
  readonly #settings: ManagerSettings;
  readonly #service: ServiceFacts;
  readonly #platform: Platform;
  readonly #client: AlchemiscaleComputeManagerClient;
  readonly #retries: RetryPolicy;
  readonly #options: ManagerOptions;
  readonly #stop = new AbortController();
  #id: ComputeManagerId;

  constructor(settings: ManagerSettings, service: ServiceFacts, platform: Platform, options: ManagerOptions) {
    this.#settings = settings;
    this.#service = service;
    this.#platform = platform;
    this.#options = options;
    this.#id = options.id ?? this.#newId();
    this.#retries = retryPolicy({
      maxRetries: settings.client_max_retries,
      baseSeconds: settings.client_retry_base_seconds,
      maxSeconds: settings.client_retry_max_seconds,
    });
    this.#client = new AlchemiscaleComputeManagerClient({
      url: service.url,
      identifier: service.identifier,
      key: service.key,
      retries: this.#retries,
      ...(options.fetch !== undefined && { fetch: options.fetch }),
      onRetry: ({ reason, seconds }) => options.log.warn(`${reason}; trying again in ${seconds.toFixed(1)} s`),
    });
  }

  get id(): ComputeManagerId {
    return this.#id;
  }

  /** Wakes it, and lets {@link run} end. */
  stop(reason: string): void {
    if (this.#stop.signal.aborted) return;
    this.#options.log.info(`stopping: ${reason}`);
    this.#stop.abort(new Error(reason));
  }

  /**
   * As a daemon: until it is stopped, told to shut down, or has made `maxCycles` cycles. Deregisters then. Rejects with what went wrong, after it was
   * reported; then the name stays taken.
   * @throws {NameTaken}
   */
  async run(): Promise<void> {
    const { log, maxCycles } = this.#options;
    try {
      await this.register();
      for (let cycles = 1; ; cycles += 1) {
        const going = await this.cycle();
        if (!going || cycles === maxCycles) return;
        await delay(1000 * this.#settings.sleep_interval, this.#stop.signal);
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (error instanceof NameTaken) throw error;
      await this.#reportError(error);
      throw error;
    } finally {
      await this.#platform.close();
      await this.#deregister();
      log.info("ended");
    }
  }

  /** @throws {NameTaken} */
  async register(): Promise<void> {
    const { log, steal = false } = this.#options;
    try {
      await this.#registerOnce(false);
    } catch (error) {
      if (!(error instanceof NameTaken) || error.inError || !steal) throw error;
      // A Python server fails on a steal where there is nothing to steal: it is asked for only when the name is taken.
      log.warn("taking the place of another manager of this name");
      await this.#registerOnce(true);
    }
    log.info(`registered with ${this.#service.url}`);
  }

  /** False when the registration is gone. */
  async cycle(): Promise<boolean> {
    const instruction = await this.instruction();
    return this.act(instruction);
  }

  instruction(): Promise<ComputeManagerInstruction> {
    const { scopes, protocols } = this.#service;
    const asked = { ...(scopes === null ? {} : { scopes }), ...(protocols === null ? {} : { protocols }) };
    return this.#client.getInstruction(this.#id, { ...asked, ...this.#patience });
  }

  /** Does what the server wants and reports; false for SHUTDOWN. */
  async act(instruction: ComputeManagerInstruction): Promise<boolean> {
    const { log } = this.#options;
    const { max_compute_services, max_submit_per_cycle } = this.#settings;
    if (instruction.instruction === "SHUTDOWN") {
      log.warn(`told to shut down: ${instruction.message}`);
      return false;
    }
    // Those on their way are not registered yet, and must not be started again.
    const active = new Set([...instruction.services.map(serviceNameOf), ...(await this.#platform.active())]);
    let created: readonly string[] = [];
    if (instruction.instruction === "SKIP") log.warn("services of this manager fail: none is started this time");
    else {
      const count = servicesWanted({
        tasks: instruction.tasks,
        active: active.size,
        maxServices: max_compute_services,
        maxPerCycle: max_submit_per_cycle,
        claimLimit: this.#service.claimLimit,
      });
      if (count > 0) created = await this.#platform.create({ manager: this.#id, count });
      log.info(`${instruction.tasks} Tasks wait, ${active.size} services are there, ${created.length} are started`);
    }
    const full = saturation(active.size + created.length, max_compute_services);
    try {
      await this.#client.updateStatus(this.#id, { status: "OK", saturation: full }, this.#patience);
    } catch (error) {
      // Stolen or expired since it was asked.
      if (!(error instanceof ApiError) || error.status !== 400 || !error.message.includes("No record")) throw error;
      log.warn(error.message);
      return false;
    }
    return true;
  }

  /** Tells the server what went wrong, so that the name stays taken until somebody has looked at it. */
  async reportError(error: unknown): Promise<void> {
    await this.#reportError(error);
  }

  /** Frees the name of a manager in error. @throws ApiError (422) where there is none. */
  async clearError(): Promise<void> {
    await this.#client.clearError(this.#settings.name);
  }

  async #registerOnce(steal: boolean): Promise<void> {
    const options = { signal: this.#stop.signal, retries: { ...this.#retries, maxRetries: 0 } };
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#client.register(this.#id, { steal, ...options });
        return;
      } catch (error) {
        this.#stop.signal.throwIfAborted();
        if (error instanceof ApiError && error.status === 422 && /already registered/.test(error.message)) {
          throw new NameTaken(this.#settings.name, /ERROR/.test(error.message), error.message);
        }
        // Servers of 0.7.0 and 0.7.1 know no other form.
        if (
          error instanceof ApiError &&
          error.status === 422 &&
          /field-separated hex/.test(error.message) &&
          !isDashed(this.#id)
        ) {
          this.#id = this.#newId(true);
          continue;
        }
        if (!(error instanceof ConnectionError) || attempt >= Math.max(0, this.#retries.maxRetries)) throw error;
        // The reply may have been lost behind a registration that was made.
        const instruction = await this.instruction();
        if (instruction.instruction !== "SHUTDOWN") return;
      }
    }
  }

  async #reportError(error: unknown): Promise<void> {
    const detail = (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 4000);
    const { log } = this.#options;
    log.error(detail);
    try {
      const signal = AbortSignal.timeout(1000 * farewellSeconds);
      await this.#client.updateStatus(this.#id, { status: "ERROR", detail }, { signal, retries: this.#retries });
    } catch (reason) {
      log.warn(`the error could not be reported: ${reason instanceof Error ? reason.message : String(reason)}`);
    }
  }

  async #deregister(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(1000 * farewellSeconds);
      await this.#client.deregister(this.#id, { signal, retries: this.#retries });
    } catch (error) {
      this.#options.log.warn(`not deregistered: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** A server that is away is waited for. */
  get #patience() {
    return { signal: this.#stop.signal, retries: { ...this.#retries, maxRetries: -1 } };
  }

  #newId(dashed = false): ComputeManagerId {
    const uuid = randomUUID();
    return parseComputeManagerId(`${this.#settings.name}-${dashed ? uuid : uuid.replaceAll("-", "")}`);
  }
}

function isDashed(id: ComputeManagerId): boolean {
  return computeManagerUuid(id).includes("-");
}
