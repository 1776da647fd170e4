import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import {
  type AlchemiscaleComputeClient,
  ApiError,
  ConnectionError,
  delay,
  isTransient,
  noRetries,
  type RetryPolicy,
  retryDelay,
} from "@alchemiscale/client";
import { type ComputeManagerId, type ComputeServiceId, parseComputeServiceId } from "@alchemiscale/contract";
import type { ServiceLog } from "./service-log.ts";

/** The service's place in the server's list: one id at a time, a new one for each registration. */
export class Registration {
  readonly #client: AlchemiscaleComputeClient;
  readonly #name: string;
  readonly #manager: ComputeManagerId | null;
  readonly #about: { readonly host: string; readonly versions: Readonly<Record<string, string>> };
  readonly #retries: RetryPolicy;
  #id: ComputeServiceId;
  #registered = false;

  constructor(
    client: AlchemiscaleComputeClient,
    parts: {
      readonly name: string;
      readonly manager: ComputeManagerId | null;
      readonly versions: Readonly<Record<string, string>>;
      readonly retries: RetryPolicy;
    },
  ) {
    this.#client = client;
    this.#name = parts.name;
    this.#manager = parts.manager;
    this.#about = { host: hostname(), versions: parts.versions };
    this.#retries = parts.retries;
    this.#id = this.#newId();
  }

  get id(): ComputeServiceId {
    return this.#id;
  }

  /**
   * Registers. Every attempt has a fresh id, because a Python server answers 500 to an id that it has stored already, which it may
   * have done although its reply was lost. Gives up as the retry policy says.
   */
  register(log: () => ServiceLog, signal: AbortSignal): Promise<void> {
    return this.#registerWithin(this.#retries, log, signal);
  }

  /** Leaves the list, so that all that this id has claimed waits again, and registers under a new id; for as long as it takes. */
  async renew(log: () => ServiceLog, signal: AbortSignal): Promise<void> {
    const forever = { ...this.#retries, maxRetries: -1 };
    await this.deregister({ signal, retries: forever });
    await this.#registerWithin(forever, log, signal);
  }

  /** Leaves the list. An id that the server does not know, or fails on, is gone already. */
  async deregister(options: { readonly signal: AbortSignal; readonly retries: RetryPolicy }): Promise<void> {
    if (!this.#registered) return;
    try {
      await this.#client.deregister(this.#id, options);
    } catch (error) {
      if (!(error instanceof ApiError) || isTransient(error.status) || error.status === 401) throw error;
    }
    this.#registered = false;
  }

  async #registerWithin(policy: RetryPolicy, log: () => ServiceLog, signal: AbortSignal): Promise<void> {
    for (let retries = 0; ; retries += 1) {
      this.#id = this.#newId();
      try {
        await this.#client.register(this.#id, this.#manager, { signal, retries: noRetries, ...this.#about });
        this.#registered = true;
        return;
      } catch (error) {
        signal.throwIfAborted();
        const passing = error instanceof ConnectionError || (error instanceof ApiError && isTransient(error.status));
        if (!passing || (policy.maxRetries !== -1 && retries >= policy.maxRetries)) throw error;
        const wait = retryDelay(policy, retries + 1);
        log().warn(`not registered: ${error.message}; trying again in ${(wait / 1000).toFixed(1)} s`);
        await delay(wait, signal);
      }
    }
  }

  #newId(): ComputeServiceId {
    return parseComputeServiceId(`${this.#name}-${randomUUID().replaceAll("-", "")}`);
  }
}
