import { openAsBlob } from "node:fs";
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
  type PostedResult,
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
import { claimNews } from "./claim-news.ts";
import { claimedProtocols } from "./claimed-protocols.ts";
import { type Ending, endingsNeeded, judgeFailures } from "./judge-failures.ts";
import { Registration } from "./registration.ts";
import { createServiceLog, type ServiceLog, type ServiceLogOptions } from "./service-log.ts";
import { TaskStopped } from "./task-stopped.ts";
import { versionsOf } from "./versions-of.ts";

/** Why a service was stopped: a signal's name, or what its owner said. */
export class StopRequested extends Error {
  override readonly name = "StopRequested";
  /** Executors leave what is done for the next service on this host. */
  readonly resumable = true;
}

/** The server does not know the service any more: what it had claimed is waiting again, perhaps with another service. */
class RegistrationLost extends Error {
  override readonly name = "RegistrationLost";

  constructor() {
    super("this service is not registered any more");
  }
}

/** Tasks failed here at once, one after another, for a reason of the host's own: the service claims no more. */
export class EnvironmentFailing extends Error {
  override readonly name = "EnvironmentFailing";
  readonly failures: number;
  readonly exception: string;

  constructor(failures: number, exception: string) {
    super(
      `${failures} Tasks failed here at once, one after another, for the same reason: ${exception.slice(0, 500)}. This service claims no more; mend its environment and start it again (stop_after_failures)`,
    );
    this.failures = failures;
    this.exception = exception;
  }
}

export interface ServiceOptions {
  /** Where log lines go beside the logfile; default: stderr. */
  readonly write?: ServiceLogOptions["write"];
}

/** What a Task came to, on the server. */
export interface Delivery {
  /** False where the server could not be told: it still counts the Task as claimed. */
  readonly known: boolean;
  /** When what is kept beside a result was sent and the Task's files are removed. Never rejects. */
  readonly rest: Promise<void>;
}

type HeldClaims = readonly { readonly task: ScopedKey; readonly actioned: boolean }[];

/** How often a result is offered to a server that fails on it (500), before the Task is reported as failed. */
const offersOfResult = 4;
/** Seconds for leaving the server's list at the end. */
const farewellSeconds = 15;
/** Between two looks of a server that cannot say when claims end. */
const newsAgainMs = 2000;

/**
 * What all compute services do: register, beat, claim, hear of their claims, fetch Tasks, send results, leave (compute-api §8.2). How Tasks
 * are run is the service's own.
 *
 * A *guarded* Task is one that runs: its signal says when to give it up, because the service stops, has lost its registration, or has
 * lost this claim. A result that exists is not guarded any more: it is offered for as long as the server is away, also after the
 * registration was lost, since the server takes late results.
 */
export class ServiceCore {
  readonly client: AlchemiscaleComputeClient;
  readonly log: ServiceLog;
  readonly retries: RetryPolicy;
  readonly #settings: SynchronousServiceSettings;
  readonly #protocols: readonly string[] | null;
  readonly #registration: Registration;
  readonly #stop = new AbortController();
  /** Aborted when the current registration is lost. */
  #lost = new AbortController();
  readonly #guarded = new Map<ScopedKey, AbortController>();
  #endings: Ending[] = [];
  #executed = 0;
  /** Until the server has shown that it does not know the routes. */
  #keepsCompanions = true;

  /** @throws {NoProtocolToClaim} */
  constructor(
    settings: SynchronousServiceSettings,
    executor: Pick<TaskExecutor, "name" | "versions" | "protocols">,
    options: ServiceOptions = {},
  ) {
    this.#settings = settings;
    this.#protocols = claimedProtocols(settings.protocols, executor);
    this.retries = retryPolicy({
      maxRetries: settings.client_max_retries,
      baseSeconds: settings.client_retry_base_seconds,
      maxSeconds: settings.client_retry_max_seconds,
    });
    this.log = createServiceLog({
      level: settings.loglevel,
      logfile: settings.logfile,
      id: () => this.#registration.id,
      ...(options.write === undefined ? {} : { write: options.write }),
    });
    this.client = new AlchemiscaleComputeClient({
      url: settings.api_url,
      identifier: settings.identifier,
      key: settings.key,
      retries: this.retries,
      fetch: nodeFetch({ verify: settings.client_verify }),
      onRetry: ({ reason, seconds }) => this.log.warn(`${reason}; trying again in ${seconds.toFixed(1)} s`),
    });
    this.#registration = new Registration(this.client, {
      name: settings.name,
      manager: settings.compute_manager_id,
      versions: versionsOf(executor.versions),
      retries: this.retries,
    });
  }

  get id(): ComputeServiceId {
    return this.#registration.id;
  }

  /** Aborted with {@link StopRequested}. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** Of the current registration. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Aborts every guarded Task and wakes every sleep. */
  stop(reason: string): void {
    if (this.#stop.signal.aborted) return;
    this.log.info(`stopping: ${reason}`);
    this.#stop.abort(new StopRequested(reason));
  }

  /** Registered while `work` lasts; `close` is called before the service leaves the server's list. Rejects with what made going on useless. */
  async run(work: () => Promise<void>, close: () => Promise<void>): Promise<void> {
    let aside = Promise.resolve<unknown>(undefined);
    const ended = new AbortController();
    try {
      await this.#makeDirectories();
      await this.#registration.register(() => this.log, this.stopped);
      this.log.info(`registered with ${this.client.connection.url}`);
      const signal = AbortSignal.any([this.stopped, ended.signal]);
      aside = Promise.all([this.#beat(signal), this.#hear(signal)]);
      await work();
    } catch (error) {
      if (!this.stopped.aborted) throw error;
    } finally {
      ended.abort();
      await aside;
      await close();
      await this.#leave();
    }
  }

  /** Null when it cannot be known what is claimed now. `waitSeconds`: ask a server that can wait; throws its 404 or 405 where it cannot. */
  async claim(count: number, waitSeconds: number | null = null, signal: AbortSignal = this.stopped): Promise<ClaimReply | null> {
    const { scopes, scopes_exclude } = this.#settings;
    const claim = { service: this.id, count, scopes, scopesExclude: scopes_exclude, protocols: this.#protocols };
    const options = { signal, retries: noRetries };
    try {
      return await (waitSeconds === null
        ? this.client.claim(claim, options)
        : this.client.claimWaiting(claim, waitSeconds, options));
    } catch (error) {
      signal.throwIfAborted();
      if (waitSeconds !== null && isWithoutRoute(error)) throw error;
      const unsure =
        error instanceof ConnectionError ||
        error instanceof UnexpectedReply ||
        // 409: not registered; a Python server says 500 instead.
        (error instanceof ApiError && (isTransient(error.status) || error.status === 409 || error.status >= 500));
      if (!unsure) throw error;
      this.log.warn(`claim failed: ${error.message}`);
      return null;
    }
  }

  /** Older servers ignore `scopes_exclude`; what they hand out in spite of it is not run. */
  withoutExcluded(tasks: readonly ScopedKey[]): readonly ScopedKey[] {
    const excluded = this.#settings.scopes_exclude ?? [];
    const kept = tasks.filter((task) => !excluded.some((scope) => covers(scope, scopeOf(task))));
    if (kept.length < tasks.length) {
      this.log.warn("the server ignores scopes_exclude (it is older than 0.8.0); set `scopes` to what this service may run");
    }
    return kept;
  }

  /** Leaves the server's list, which sets all claims free, and registers under a new id. */
  async renew(): Promise<void> {
    await this.#registration.renew(() => this.log, this.stopped);
    this.#lost = new AbortController();
    this.log.info("registered anew");
  }

  /** Runs `work` with a signal that says when to give the Task up. */
  async guarded<T>(task: ScopedKey, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const guard = new AbortController();
    this.#guarded.set(task, guard);
    try {
      return await work(AbortSignal.any([this.stopped, this.lost, guard.signal]));
    } finally {
      if (this.#guarded.get(task) === guard) this.#guarded.delete(task);
    }
  }

  /** Content of a claimed Task, asked for however long the server is away. */
  transformation(task: ScopedKey, signal: AbortSignal): Promise<TaskTransformation> {
    return this.client.getTaskTransformation(task, { signal, retries: this.patient });
  }

  /** What a Task came to, where it has no result: never of faults of the service itself, which are thrown. */
  failureOf(error: unknown): NoResult {
    this.stopped.throwIfAborted();
    if (error instanceof LoginRefused || error instanceof ExecutorUnavailable) throw error;
    return noResult(error);
  }

  /** Sends what a Task came to, then what is kept beside it, and removes its files. */
  async deliver(task: ScopedKey, outcome: Outcome): Promise<Delivery> {
    if (outcome.kind === "failure") return { known: await this.#reportFailure(task, outcome), rest: Promise.resolve() };
    const sent = this.#send(task, outcome);
    const rest = sent
      .then(({ posted }) => (posted === null ? undefined : this.#sendCompanions(posted, outcome)))
      // What went wrong with the result itself is said below.
      .catch(() => {})
      .then(() => outcome.dispose())
      .catch((error: unknown) => this.log.warn(`files of ${task} not removed: ${String(error)}`));
    try {
      return { known: (await sent).known, rest };
    } catch (error) {
      await rest;
      throw error;
    }
  }

  /** What the server says that this service claims. Servers without the route: `ApiError` 404 or 405; not registered: 409. */
  claims(signal: AbortSignal): Promise<HeldClaims> {
    const path = `/v1/computeservices/${this.id}/claims`;
    const request = { method: "GET", path, notFoundIsFinal: true, signal, retries: this.patient } as const;
    return this.client.connection.json(request, '{"claims": […]}', (value) =>
      typeof value === "object" && value !== null && "claims" in value ? (value.claims as HeldClaims) : undefined,
    );
  }

  /** Gives claims back. False where the server cannot do that (Python servers): only leaving its list does it then. */
  async release(tasks: readonly ScopedKey[], reason: string): Promise<boolean> {
    if (tasks.length === 0) return true;
    const path = `/v1/computeservices/${this.id}/release`;
    const body = JSON.stringify({ tasks, reason: reason.slice(0, 1000) });
    try {
      await this.client.connection.text({
        method: "POST",
        path,
        body,
        notFoundIsFinal: true,
        signal: this.stopped,
        retries: this.retries,
      });
      return true;
    } catch (error) {
      this.stopped.throwIfAborted();
      if (error instanceof LoginRefused) throw error;
      this.log.warn(`claims not given back: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  /** Tasks executed, ok or not. */
  get executed(): number {
    return this.#executed;
  }

  /**
   * A Task has ended; `exception`: why it failed, if it did.
   * @throws {EnvironmentFailing} when failures of late speak against this host.
   */
  ended(task: ScopedKey, outcome: Outcome, about: Omit<Ending, "ok">): void {
    this.#executed += 1;
    const ok = outcome.kind === "result" && outcome.ok;
    const state = outcome.kind === "failure" ? "has no result" : ok ? "is ok" : "failed";
    this.log.info(`${task} ${state} after ${about.seconds.toFixed(1)} s`);
    const { stop_after_failures } = this.#settings;
    const ending = { ...about, ok, exception: ok ? null : about.exception };
    this.#endings = [...this.#endings, ending].slice(-endingsNeeded(stop_after_failures) || this.#endings.length + 1);
    const failing = judgeFailures(this.#endings, stop_after_failures);
    if (failing !== null) throw new EnvironmentFailing(failing.failures, failing.exception);
  }

  sleep(seconds: number): Promise<void> {
    return delay(1000 * seconds, this.stopped);
  }

  /** Once registered, a service waits for its server however long that is away. */
  get patient(): RetryPolicy {
    return { ...this.retries, maxRetries: -1 };
  }

  async #makeDirectories(): Promise<void> {
    // One level only: a mistyped path should not become a tree.
    for (const directory of [this.#settings.shared_basedir, this.#settings.scratch_basedir]) {
      await mkdir(directory).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
    }
  }

  /** `posted`: null where a failure was reported in place of the result. */
  async #send(
    task: ScopedKey,
    result: ExecutedResult,
  ): Promise<{ readonly known: boolean; readonly posted: PostedResult | null }> {
    const signal = this.stopped;
    const provenance = this.#keepsCompanions ? result.provenance : undefined;
    for (let offers = 1; ; offers += 1) {
      try {
        const body = await encodeResult(result.result, this.id, { directory: this.#settings.scratch_basedir, provenance });
        try {
          const options = { signal, retries: this.patient };
          return { known: true, posted: await this.client.postResultWithProvenance(task, body, options) };
        } finally {
          await body.dispose();
        }
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof LoginRefused) throw error;
        if (error instanceof ApiError && error.status >= 500 && offers < offersOfResult) {
          this.log.warn(`result of ${task} not taken: ${error.message}`);
          await this.sleep(retryDelay(this.retries, offers) / 1000);
          continue;
        }
        return { known: await this.#reportFailure(task, noResult(error)), posted: null };
      }
    }
  }

  /** Beside the result, where the server knows what to do with it: nothing that goes wrong here matters to the Task. */
  async #sendCompanions({ ref, provenanceKept }: PostedResult, { provenance, files = [] }: ExecutedResult): Promise<void> {
    if (!this.#keepsCompanions) return;
    const options = { method: "POST", notFoundIsFinal: true, signal: this.stopped, retries: this.retries } as const;
    try {
      // A server that passed over it may know the route that it has of its own, as older ones of ours do.
      if (provenance !== undefined && !provenanceKept) {
        const body = JSON.stringify(provenance);
        await this.client.connection.text({ ...options, path: `/v1/results/${ref}/provenance`, body });
      }
      for (const { name, path } of files) {
        const body = await openAsBlob(path);
        await this.client.connection.text({ ...options, path: `/v1/results/${ref}/files/${encodeURIComponent(name)}`, body });
      }
    } catch (error) {
      if (this.stopped.aborted) return;
      // A Python server keeps neither.
      if (isWithoutRoute(error)) {
        this.#keepsCompanions = false;
        this.log.info("the server keeps neither provenance nor files beside results");
      } else this.log.warn(`not kept beside ${ref}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #reportFailure(task: ScopedKey, failure: NoResult): Promise<boolean> {
    this.log.error(`${task} has no result: ${failure.exception}`);
    const { exception, traceback } = failure;
    const signal = this.stopped;
    try {
      await this.client.postFailure(task, { service: this.id, exception, traceback }, { signal, retries: this.patient });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof LoginRefused) throw error;
      // A Python server has no such route.
      this.log.error(`failure of ${task} not reported: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  /** A heartbeat at once and then at each interval. No failure ends it. */
  async #beat(signal: AbortSignal): Promise<void> {
    const interval = this.#settings.heartbeat_interval;
    while (!signal.aborted) {
      const id = this.id;
      try {
        const within = AbortSignal.any([signal, AbortSignal.timeout(1000 * interval)]);
        await this.client.heartbeat(id, { signal: within, retries: this.patient });
        await delay(1000 * interval, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError && error.status === 409 && id === this.id) this.#lost.abort(new RegistrationLost());
        this.log.warn(`heartbeat failed: ${error instanceof Error ? error.message : String(error)}`);
        await delay(1000 * Math.min(interval, this.retries.baseSeconds), signal).catch(() => {});
      }
    }
  }

  /** Gives Tasks up as soon as the server says that they are not this service's any more. Ends where the server cannot say it. */
  async #hear(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const id = this.id;
      const lost = this.#lost;
      let known: readonly ScopedKey[] = [];
      const asking = (): void => {
        known = [...this.#guarded.keys()];
      };
      try {
        const until = AbortSignal.any([signal, lost.signal]);
        for await (const news of claimNews(this.client.connection, id, { signal: until, retries: this.patient, asking })) {
          if (id !== this.id) break;
          if ("registered" in news) lost.abort(new RegistrationLost());
          else if ("lost" in news) this.giveUp(news.lost, `it is ${news.status} now`);
          else if ("unactioned" in news) this.#unactioned(news.unactioned);
          else {
            this.#compare(known, news.claims);
            // What was claimed while the stream was being opened may have been lost before it began.
            const claimed = new Set(news.claims.map(({ task }) => task));
            const now = [...this.#guarded.keys()];
            if (now.some((task) => !claimed.has(task))) this.#compare(now, await this.claims(until));
          }
        }
      } catch (error) {
        if (signal.aborted) return;
        if (isWithoutRoute(error)) {
          this.log.info("the server does not tell when claims end: a Task that is cancelled runs to its end");
          return;
        }
        if (!lost.signal.aborted) this.log.warn(`no news of claims: ${error instanceof Error ? error.message : String(error)}`);
      }
      await delay(newsAgainMs, signal).catch(() => {});
    }
  }

  /** @param known what ran before the claims were asked for */
  #compare(known: readonly ScopedKey[], claims: HeldClaims): void {
    const claimed = new Set(claims.map(({ task }) => task));
    for (const task of known) if (!claimed.has(task)) this.giveUp(task, "it is not claimed by this service any more");
    for (const { task, actioned } of claims) if (!actioned) this.#unactioned(task);
  }

  #unactioned(task: ScopedKey): void {
    if (this.#settings.stop_unactioned) this.giveUp(task, "it is actioned nowhere any more");
  }

  /** Ends the run of a guarded Task, for a reason for people. */
  giveUp(task: ScopedKey, reason: string): void {
    this.#guarded.get(task)?.abort(new TaskStopped(task, reason));
  }

  async #leave(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(1000 * farewellSeconds);
      await this.#registration.deregister({ signal, retries: this.retries });
      this.log.info("deregistered");
    } catch (error) {
      this.log.warn(
        `not deregistered: ${error instanceof Error ? error.message : String(error)}; its Tasks wait again when the server misses its heartbeats`,
      );
    }
  }
}

/** The answer of a server that does not know a route below /v1: an older one, or a Python one. */
export function isWithoutRoute(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 405);
}

function noResult(error: unknown): NoResult {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: "failure", exception: `${name}: ${message}`, traceback: stack ?? message };
}
