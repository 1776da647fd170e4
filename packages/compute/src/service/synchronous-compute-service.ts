import { mkdir } from "node:fs/promises";
import {
  AlchemiscaleComputeClient,
  ApiError,
  type ClaimReply,
  ConnectionError,
  delay,
  isTransient,
  LoginRefused,
  noRetries,
  type RetryPolicy,
  retryDelay,
  retryPolicy,
  type TaskTransformation,
  UnexpectedReply,
} from "@alchemiscale/client";
import { encodeResult, nodeFetch } from "@alchemiscale/client/node";
import { type ComputeServiceId, covers, type ScopedKey, scopeOf } from "@alchemiscale/contract";
import type { ExecutedResult, NoResult, Outcome, TaskExecutor } from "../executor.ts";
import { ExecutorUnavailable } from "../executor-unavailable.ts";
import type { SynchronousServiceSettings } from "../settings/synchronous-service-settings.ts";
import { claimedProtocols } from "./claimed-protocols.ts";
import { Registration } from "./registration.ts";
import { createServiceLog, type ServiceLog, type ServiceLogOptions } from "./service-log.ts";

/** Why a service was stopped: a signal's name, or what its owner said. */
export class StopRequested extends Error {
  override readonly name = "StopRequested";
}

/** The server does not know the service any more: what it had claimed is waiting again, perhaps with another service. */
class RegistrationLost extends Error {
  override readonly name = "RegistrationLost";
}

export interface ServiceOptions {
  /** Where log lines go beside the logfile; default: stderr. */
  readonly write?: ServiceLogOptions["write"];
}

/** How often a result is offered to a server that fails on it (500), before the Task is reported as failed. */
const offersOfResult = 4;
/** Seconds for leaving the server's list at the end. */
const farewellSeconds = 15;

/**
 * A compute service: registers, claims Tasks, runs them one after another, sends the results, until a limit is reached or it is
 * stopped (compute-api §8.2).
 *
 * It is always in one of these states. *Idle*: it asks for Tasks; a claim whose reply is lost may have claimed Tasks that nobody knows
 * of, hence the service then leaves the list and registers under a new id, which sets them free. *Busy*: an executor runs a Task
 * outside of this thread, so that heartbeats go on; when a heartbeat learns that the registration is gone, the Task is given up,
 * because another service may have it by now. *Sending*: a result that exists is offered for as long as the server is away, also
 * after the registration was lost: the server takes late results. *Leaving*: stopped, whatever it did is aborted, and it deregisters.
 *
 * What goes wrong with a Task is reported to the server and never ends the service.
 */
export class SynchronousComputeService {
  readonly #settings: SynchronousServiceSettings;
  readonly #executor: TaskExecutor;
  readonly #protocols: readonly string[] | null;
  readonly #client: AlchemiscaleComputeClient;
  readonly #registration: Registration;
  readonly #retries: RetryPolicy;
  readonly #log: ServiceLog;
  readonly #stop = new AbortController();
  /** Aborted when the current registration is lost. */
  #lost = new AbortController();
  /** Tasks are claimed that can neither be run nor reported: they are set free by a new registration. */
  #mustRelease = false;
  #executed = 0;

  /** @throws {NoProtocolToClaim} */
  constructor(settings: SynchronousServiceSettings, executor: TaskExecutor, options: ServiceOptions = {}) {
    this.#settings = settings;
    this.#executor = executor;
    this.#protocols = claimedProtocols(settings.protocols, executor);
    this.#retries = retryPolicy({
      maxRetries: settings.client_max_retries,
      baseSeconds: settings.client_retry_base_seconds,
      maxSeconds: settings.client_retry_max_seconds,
    });
    this.#log = createServiceLog({
      level: settings.loglevel,
      logfile: settings.logfile,
      id: () => this.#registration.id,
      ...(options.write === undefined ? {} : { write: options.write }),
    });
    this.#client = new AlchemiscaleComputeClient({
      url: settings.api_url,
      identifier: settings.identifier,
      key: settings.key,
      retries: this.#retries,
      fetch: nodeFetch({ verify: settings.client_verify }),
      onRetry: ({ reason, seconds }) => this.#log.warn(`${reason}; trying again in ${seconds.toFixed(1)} s`),
    });
    this.#registration = new Registration(this.#client, settings.name, settings.compute_manager_id, this.#retries);
  }

  get id(): ComputeServiceId {
    return this.#registration.id;
  }

  get log(): ServiceLog {
    return this.#log;
  }

  /** Tasks executed, ok or not. */
  get executed(): number {
    return this.#executed;
  }

  /** Aborts the running Task, wakes every sleep, and lets {@link run} end. */
  stop(reason: string): void {
    if (this.#stop.signal.aborted) return;
    this.#log.info(`stopping: ${reason}`);
    this.#stop.abort(new StopRequested(reason));
  }

  /**
   * Resolves when a limit was reached or the service was stopped, after it has deregistered. Rejects with what made going on useless:
   * a refused login, a server that was never reached, a claim that the server finds invalid.
   */
  async run(): Promise<void> {
    let heartbeats = Promise.resolve();
    const beating = new AbortController();
    try {
      await this.#makeDirectories();
      await this.#registration.register(() => this.#log, this.#stop.signal);
      this.#log.info(`registered with ${this.#client.connection.url}`);
      heartbeats = this.#beat(AbortSignal.any([this.#stop.signal, beating.signal]));
      await this.#work();
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    } finally {
      beating.abort();
      await heartbeats;
      await this.#executor.close();
      await this.#leave();
    }
  }

  async #makeDirectories(): Promise<void> {
    // One level only: a mistyped path should not become a tree.
    for (const directory of [this.#settings.shared_basedir, this.#settings.scratch_basedir]) {
      await mkdir(directory).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
    }
  }

  async #work(): Promise<void> {
    const { claim_limit, max_tasks, max_time, sleep_interval, deep_sleep_interval } = this.#settings;
    const start = performance.now();
    const done = () =>
      (max_tasks !== null && this.#executed >= max_tasks) || (max_time !== null && performance.now() - start >= 1000 * max_time);
    let failedClaims = 0;
    while (!done()) {
      const count = Math.min(claim_limit, max_tasks === null ? claim_limit : max_tasks - this.#executed);
      const reply = await this.#claim(count);
      if (reply === null) {
        // The first failure may be a restart of the server; after that, less and less often.
        if (failedClaims > 0) await this.#sleep(retryDelay(this.#retries, failedClaims) / 1000);
        failedClaims += 1;
        await this.#renew();
        continue;
      }
      failedClaims = 0;
      if (reply.denied) {
        this.#log.warn(`claim denied, as too many Tasks failed here lately; sleeping ${deep_sleep_interval} s`);
        await this.#sleep(deep_sleep_interval);
        continue;
      }
      const tasks = this.#withoutExcluded(reply.tasks);
      for (const task of tasks) {
        if (this.#lost.signal.aborted || done()) break;
        await this.#process(task);
      }
      const mustRelease = this.#mustRelease;
      if (mustRelease || this.#lost.signal.aborted) await this.#renew();
      if ((tasks.length === 0 || mustRelease) && !done()) await this.#sleep(sleep_interval);
    }
    this.#log.info(`limit reached after ${this.#executed} Tasks`);
  }

  /** Null when it cannot be known what is claimed now. */
  async #claim(count: number): Promise<ClaimReply | null> {
    const { scopes, scopes_exclude } = this.#settings;
    const claim = { service: this.id, count, scopes, scopesExclude: scopes_exclude, protocols: this.#protocols };
    try {
      return await this.#client.claim(claim, { signal: this.#stop.signal, retries: noRetries });
    } catch (error) {
      this.#stop.signal.throwIfAborted();
      const unsure =
        error instanceof ConnectionError ||
        error instanceof UnexpectedReply ||
        // 409: not registered; a Python server says 500 instead.
        (error instanceof ApiError && (isTransient(error.status) || error.status === 409 || error.status >= 500));
      if (!unsure) throw error;
      this.#log.warn(`claim failed: ${error.message}; registering anew`);
      return null;
    }
  }

  /** Older servers ignore `scopes_exclude`; what they hand out in spite of it is not run. */
  #withoutExcluded(tasks: readonly ScopedKey[]): readonly ScopedKey[] {
    const excluded = this.#settings.scopes_exclude ?? [];
    const kept = tasks.filter((task) => !excluded.some((scope) => covers(scope, scopeOf(task))));
    if (kept.length < tasks.length) {
      this.#log.warn("the server ignores scopes_exclude (it is older than 0.8.0); set `scopes` to what this service may run");
      this.#mustRelease = true;
    }
    return kept;
  }

  async #renew(): Promise<void> {
    await this.#registration.renew(() => this.#log, this.#stop.signal);
    this.#lost = new AbortController();
    this.#mustRelease = false;
    this.#log.info("registered anew");
  }

  /** From a claimed Task to a result or a failure on the server. Throws only what ends the service. */
  async #process(task: ScopedKey): Promise<void> {
    this.#log.info(`executing ${task}`);
    const start = performance.now();
    let outcome: Outcome;
    try {
      outcome = await this.#execute(task);
    } catch (error) {
      this.#stop.signal.throwIfAborted();
      if (this.#lost.signal.aborted) {
        this.#log.warn(`gave up ${task}: this service is not registered any more`);
        return;
      }
      if (error instanceof LoginRefused || error instanceof ExecutorUnavailable) throw error;
      outcome = noResult(error);
    }
    try {
      if (outcome.kind === "result") await this.#send(task, outcome);
      else await this.#reportFailure(task, outcome);
    } finally {
      if (outcome.kind === "result") {
        await outcome.dispose().catch((error: unknown) => this.#log.warn(`files of ${task} not removed: ${String(error)}`));
      }
    }
    this.#executed += 1;
    const state = outcome.kind === "failure" ? "has no result" : outcome.ok ? "is ok" : "failed";
    this.#log.info(`${task} ${state} after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }

  async #execute(task: ScopedKey): Promise<Outcome> {
    const { n_retries, shared_basedir, scratch_basedir, keep_shared, keep_scratch } = this.#settings;
    const signal = AbortSignal.any([this.#stop.signal, this.#lost.signal]);
    const content: TaskTransformation = await this.#client.getTaskTransformation(task, { signal, retries: this.#patient });
    return this.#executor.execute(
      {
        ...content,
        task,
        retries: n_retries,
        sharedBasedir: shared_basedir,
        scratchBasedir: scratch_basedir,
        keepShared: keep_shared,
        keepScratch: keep_scratch,
      },
      signal,
    );
  }

  async #send(task: ScopedKey, result: ExecutedResult): Promise<void> {
    const { signal } = this.#stop;
    for (let offers = 1; ; offers += 1) {
      try {
        const body = await encodeResult(result.result, this.id, { directory: this.#settings.scratch_basedir });
        try {
          await this.#client.postResult(task, body, { signal, retries: this.#patient });
        } finally {
          await body.dispose();
        }
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof LoginRefused) throw error;
        if (error instanceof ApiError && error.status >= 500 && offers < offersOfResult) {
          this.#log.warn(`result of ${task} not taken: ${error.message}`);
          await this.#sleep(retryDelay(this.#retries, offers) / 1000);
          continue;
        }
        await this.#reportFailure(task, noResult(error));
        return;
      }
    }
  }

  async #reportFailure(task: ScopedKey, failure: NoResult): Promise<void> {
    this.#log.error(`${task} has no result: ${failure.exception}`);
    const { exception, traceback } = failure;
    const { signal } = this.#stop;
    try {
      await this.#client.postFailure(task, { service: this.id, exception, traceback }, { signal, retries: this.#patient });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof LoginRefused) throw error;
      // A Python server has no such route.
      this.#log.error(`failure of ${task} not reported: ${error instanceof Error ? error.message : String(error)}`);
      this.#mustRelease = true;
    }
  }

  /** A heartbeat at once and then at each interval. No failure ends it. */
  async #beat(signal: AbortSignal): Promise<void> {
    const interval = this.#settings.heartbeat_interval;
    while (!signal.aborted) {
      const id = this.id;
      try {
        const within = AbortSignal.any([signal, AbortSignal.timeout(1000 * interval)]);
        await this.#client.heartbeat(id, { signal: within, retries: this.#patient });
        await delay(1000 * interval, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError && error.status === 409 && id === this.id) this.#lost.abort(new RegistrationLost());
        this.#log.warn(`heartbeat failed: ${error instanceof Error ? error.message : String(error)}`);
        await delay(1000 * Math.min(interval, this.#retries.baseSeconds), signal).catch(() => {});
      }
    }
  }

  async #leave(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(1000 * farewellSeconds);
      await this.#registration.deregister({ signal, retries: this.#retries });
      this.#log.info("deregistered");
    } catch (error) {
      this.#log.warn(
        `not deregistered: ${error instanceof Error ? error.message : String(error)}; its Tasks wait again when the server misses its heartbeats`,
      );
    }
  }

  #sleep(seconds: number): Promise<void> {
    return delay(1000 * seconds, this.#stop.signal);
  }

  /** Once registered, a service waits for its server however long that is away. */
  get #patient(): RetryPolicy {
    return { ...this.#retries, maxRetries: -1 };
  }
}

function noResult(error: unknown): NoResult {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: "failure", exception: `${name}: ${message}`, traceback: stack ?? message };
}
