import { delay, LoginRefused, retryDelay } from "@alchemiscale/client";
import type { ScopedKey } from "@alchemiscale/contract";
import type { Executor, NoResult, Outcome, PreparedTask, PreparedUnit } from "../executor.ts";
import { ComputeService } from "../service/compute-service.ts";
import { isWithoutRoute, type ServiceCore } from "../service/service-core.ts";
import { TaskStopped } from "../service/task-stopped.ts";
import { taskSurroundings } from "../service/task-surroundings.ts";
import { transformationKey } from "../service/transformation-key.ts";
import type { ParallelServiceSettings } from "../settings/parallel-service-settings.ts";
import { claimsWanted } from "./claims-wanted.ts";
import { HostWatch } from "./host-watch.ts";
import { type Demand, demandOn, type Host, type HostState, nextStarts, type ReadyUnit, type RunningUnit } from "./schedule.ts";
import { unitDemand, unitVariables } from "./unit-demand.ts";

/** Seconds for which a server may hold a claim until there is something. */
const claimWaitSeconds = 45;
/** Tasks prepared or assembled at the same time, beside the units that run. */
const preparedAtOnce = 2;
/** Results that wait to be sent before no more is claimed. */
const mostUnsent = 8;

/** Another unit of the Task failed: what runs of it is ended, as nothing can come of it. */
class UnitFailed extends Error {
  override readonly name = "UnitFailed";
}

/** A Task between its claim and the end of its last unit. */
interface Resident {
  readonly task: ScopedKey;
  /** Of its claim among all. */
  readonly order: number;
  prepared: PreparedTask | null;
  /** Ends the units of a Task whose unit failed. */
  readonly siblings: AbortController;
  readonly done: Set<string>;
  readonly running: Map<string, RunningUnit>;
  readonly readySince: Map<string, number>;
  exception: string | null;
  failed: boolean;
  /** What is wrong with the executor itself; null = nothing. */
  fault: unknown;
  transformation: string;
  /** When its first unit started. */
  begun: number | null;
  signal: AbortSignal;
  /** Called when no unit is left to run. */
  finish: () => void;
}

/**
 * A compute service that runs the units of several Tasks at once on what its host has.
 *
 * A Task lives in the house from its claim until its result is on the server: *on the way* (its content is fetched and its ProtocolDAG
 * made), *running* (its units start whenever the schedule finds a place for them), *leaving* (its result is made and sent, in the background).
 * Whatever changes, the schedule is asked what to start and the claimer whether more is wanted; both are rules without memory
 * (`schedule.ts`, `claims-wanted.ts`). A Task whose claim ends is given up whatever stage it is in, except leaving.
 *
 * When it cannot be known what is claimed (a reply was lost), the server is asked; a Python server cannot say, so the house is emptied
 * and the service registers anew.
 */
export class ParallelComputeService extends ComputeService<ParallelServiceSettings, Executor> {
  readonly #residents = new Map<ScopedKey, Resident>();
  readonly #lives = new Set<Promise<void>>();
  /** Aborted by what ends the service. */
  readonly #over = new AbortController();
  /** Aborted when nothing is to be claimed any more. */
  readonly #noMore = new AbortController();
  #host: HostWatch | null = null;
  #orders = 0;
  #preparing = 0;
  #leaving = 0;
  #mustRenew = false;
  #timeIsUp = false;
  #changed = Promise.withResolvers<void>();
  readonly #turns: (() => void)[] = [];
  #claimMs = 10;
  #prepareMs = 40;
  #taskEveryMs: number | null = null;
  #lastEnd: number | null = null;

  protected async work(): Promise<void> {
    const core = this.core;
    this.#host = await HostWatch.open({
      settings: this.settings,
      running: () => this.#runningUnits(),
      changed: (text) => {
        this.log.info(text);
        this.#change();
      },
    });
    const { cores, gpus } = this.#host.host;
    this.log.info(
      `units run on ${cores} cores and ${gpus.length === 0 ? "no GPU" : `GPUs ${gpus.map(({ id }) => id).join(", ")}`}`,
    );
    core.stopped.addEventListener("abort", () => this.#change(), { once: true });
    const { max_time } = this.settings;
    const timer = max_time === null ? undefined : setTimeout(() => this.#endOfTime(), Math.min(1000 * max_time, 2 ** 31 - 1));
    timer?.unref();
    try {
      while (!this.#ending()) {
        await this.#claimTasks();
        // A Task that is given up makes room for another one below max_tasks.
        while (this.#lives.size > 0 && this.#limitReached() && !this.#ending()) await this.#nextChange();
        if (this.#lives.size === 0 && this.#limitReached()) break;
      }
      this.#over.signal.throwIfAborted();
      core.stopped.throwIfAborted();
      this.log.info(`limit reached after ${this.executed} Tasks`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** No more is claimed; Tasks of which nothing has run yet are left to others. */
  #endOfTime(): void {
    this.#timeIsUp = true;
    this.#noMore.abort();
    for (const resident of this.#residents.values()) {
      if (resident.begun === null) this.core.giveUp(resident.task, "the time of this service is up");
    }
    this.#change();
  }

  protected async close(): Promise<void> {
    this.#over.abort(new UnitFailed("the service ends"));
    await Promise.allSettled(this.#lives);
    this.#host?.close();
    await this.executor.close();
  }

  /** Claims whenever something is wanted, until a limit is reached. */
  async #claimTasks(): Promise<void> {
    const core = this.core;
    const { sleep_interval, deep_sleep_interval } = this.settings;
    let mayWait = true;
    let failedClaims = 0;
    let empty = false;
    while (!this.#limitReached() && !this.#ending()) {
      if (core.lost.aborted || this.#mustRenew) {
        // Lost claims end by themselves; what a Python server may have claimed for nobody is set free when nothing runs any more.
        const mustEnd = core.lost.aborted ? this.#residents.size : this.#lives.size;
        if (mustEnd > 0) await this.#nextChange();
        else await this.#renew();
        continue;
      }
      const wanted = this.#wanted();
      if (wanted === 0) {
        await this.#nextChange();
        continue;
      }
      const until = AbortSignal.any([core.stopped, core.lost, this.#over.signal, this.#noMore.signal]);
      const asked = performance.now();
      let reply: Awaited<ReturnType<ServiceCore["claim"]>>;
      try {
        // Waiting costs the server more than an answer at once: it is asked for where there was nothing.
        reply = await core.claim(wanted, mayWait ? (empty ? claimWaitSeconds : 0) : null, until);
      } catch (error) {
        if (until.aborted) continue;
        if (!mayWait || !isWithoutRoute(error)) throw error;
        mayWait = false;
        continue;
      }
      if (reply === null) {
        failedClaims += 1;
        if (failedClaims > 1) await this.#sleep(retryDelay(core.retries, failedClaims - 1) / 1000);
        await this.#findOutClaims();
        continue;
      }
      failedClaims = 0;
      if (reply.denied) {
        this.log.warn(`claim denied, as too many Tasks failed here lately; sleeping ${deep_sleep_interval} s`);
        await this.#sleep(deep_sleep_interval);
        continue;
      }
      if (reply.tasks.length > 0 && !empty) this.#claimMs = smoothed(this.#claimMs, performance.now() - asked);
      const waited = empty;
      empty = reply.tasks.length === 0;
      const tasks = core.withoutExcluded(reply.tasks);
      if (tasks.length < reply.tasks.length) {
        await this.#giveBack(
          reply.tasks.filter((task) => !tasks.includes(task)),
          "the service excludes its scope",
        );
      }
      for (const task of tasks) this.#admit(task);
      // A server that ends answers all who wait.
      const atOnce = performance.now() - asked < 1000;
      if (empty && (!mayWait || (waited && atOnce))) await this.#sleep(mayWait ? 1 : sleep_interval);
    }
  }

  #wanted(): number {
    const host = this.#hostNow();
    const state = this.#hostState();
    const residents = [...this.#residents.values()];
    const onTheWay = residents.filter(({ prepared }) => prepared === null).length;
    const used = this.#runningUnits().map(({ demand }) => demandOn(host, demand));
    const gpuTasks = residents.filter((resident) => this.#hasGpuUnit(resident)).length;
    const usesGpus = host.gpus.length > 0 && (gpuTasks > 0 || residents.every(({ prepared }) => prepared === null));
    const { max_tasks, max_tasks_at_once, claim_ahead, claim_limit } = this.settings;
    const tasks = this.#residents.size + this.#leaving;
    const common = {
      onTheWay,
      tasks,
      unsent: this.#leaving,
      allowed: max_tasks === null ? null : max_tasks - this.executed - tasks,
    };
    // Where GPUs do the work, what counts is how many Tasks still need one; their set-ups run meanwhile.
    const places = usesGpus
      ? { freePlaces: host.gpus.reduce((sum, { units }) => sum + units, 0), readyUnits: gpuTasks }
      : {
          freePlaces: Math.max(0, Math.floor(host.cores - used.reduce((sum, { cores }) => sum + cores, 0))),
          readyUnits: state.ready.length,
        };
    return claimsWanted(
      { ...common, ...places },
      {
        ahead: claim_ahead,
        mostTasks: max_tasks_at_once,
        mostAtOnce: claim_limit,
        mostUnsent,
        latencyMs: this.#claimMs + this.#prepareMs,
        taskEveryMs: this.#taskEveryMs,
      },
    );
  }

  #hasGpuUnit({ prepared, done, failed }: Resident): boolean {
    return prepared !== null && !failed && prepared.units.some((unit) => !done.has(unit.key) && this.#demand(unit).gpu);
  }

  /** After a lost reply: the server says what is claimed, and what nobody knows of is run. */
  async #findOutClaims(): Promise<void> {
    const core = this.core;
    try {
      const claims = await core.claims(AbortSignal.any([core.stopped, core.lost, this.#over.signal]));
      for (const { task } of claims) this.#admit(task);
    } catch (error) {
      if (this.#ending() || core.lost.aborted) return;
      if (error instanceof LoginRefused) throw error;
      this.#mustRenew = true;
    }
  }

  async #renew(): Promise<void> {
    await this.core.renew();
    this.#mustRenew = false;
  }

  async #giveBack(tasks: readonly ScopedKey[], reason: string): Promise<void> {
    if (!(await this.core.release(tasks, reason))) this.#mustRenew = true;
  }

  #admit(task: ScopedKey): void {
    if (this.#residents.has(task)) return;
    this.#orders += 1;
    const resident: Resident = {
      task,
      order: this.#orders,
      prepared: null,
      siblings: new AbortController(),
      done: new Set(),
      running: new Map(),
      readySince: new Map(),
      exception: null,
      failed: false,
      fault: null,
      transformation: "",
      begun: null,
      signal: this.#over.signal,
      finish: () => {},
    };
    this.#residents.set(task, resident);
    const life = this.#live(resident)
      .catch((error: unknown) => {
        if (!this.#ending()) this.#over.abort(error);
      })
      .finally(() => {
        this.#lives.delete(life);
        this.#residents.delete(task);
        this.#change();
      });
    this.#lives.add(life);
  }

  /** From a claimed Task to a result or a failure on the server. Throws only what ends the service. */
  async #live(resident: Resident): Promise<void> {
    const core = this.core;
    const { task } = resident;
    const start = performance.now();
    let outcome: Outcome;
    try {
      outcome = await core.guarded(task, (guard) => this.#execute(resident, AbortSignal.any([guard, this.#over.signal])));
    } catch (error) {
      if (this.#ending()) throw error;
      if (error instanceof TaskStopped) {
        this.log.warn(`gave up ${task}: ${error.message}`);
        await this.#giveBack([task], `stopped: ${error.message}`);
        return;
      }
      if (core.lost.aborted) {
        this.log.warn(`gave up ${task}: this service is not registered any more`);
        return;
      }
      outcome = core.failureOf(error);
    }
    const end = performance.now();
    if (this.#lastEnd !== null) this.#taskEveryMs = smoothed(this.#taskEveryMs, end - this.#lastEnd);
    this.#lastEnd = end;
    this.#residents.delete(task);
    this.#leaving += 1;
    this.#change();
    try {
      const { known, rest } = await core.deliver(task, outcome);
      if (!known) await this.#giveBack([task], "its failure could not be reported");
      await rest;
    } finally {
      this.#leaving -= 1;
    }
    const seconds = (end - (resident.begun ?? start)) / 1000;
    const exception = outcome.kind === "failure" ? outcome.exception : resident.exception;
    core.ended(task, outcome, { exception, seconds, transformation: resident.transformation });
  }

  async #execute(resident: Resident, signal: AbortSignal): Promise<Outcome> {
    resident.signal = signal;
    const start = performance.now();
    const prepared = await this.#inTurn(signal, () => this.#prepare(resident, signal));
    if (prepared.kind === "failure") return prepared;
    try {
      this.#prepareMs = smoothed(this.#prepareMs, performance.now() - start);
      await this.#runUnits(resident, prepared, signal);
      return await this.#inTurn(signal, () => prepared.assemble(signal));
    } catch (error) {
      // A service that is started again here may go on with what is done.
      await prepared.abandon({ resumable: this.#ending() }).catch((reason: unknown) => {
        this.log.warn(`files of ${resident.task} not removed: ${String(reason)}`);
      });
      throw error;
    }
  }

  async #prepare(resident: Resident, signal: AbortSignal): Promise<PreparedTask | NoResult> {
    const content = await this.core.transformation(resident.task, signal);
    resident.transformation = transformationKey(content.transformation);
    this.log.info(`preparing ${resident.task}`);
    return this.executor.prepare({ ...content, ...taskSurroundings(this.settings), task: resident.task }, signal);
  }

  /** Resolves when no unit is left to run; rejects when none runs any more and the Task is given up. */
  #runUnits(resident: Resident, prepared: PreparedTask, signal: AbortSignal): Promise<void> {
    for (const [unit, { ok, exception }] of prepared.finished) {
      if (ok) resident.done.add(unit);
      else [resident.failed, resident.exception] = [true, exception];
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    resident.finish = () => {
      if (resident.running.size > 0) return;
      if (resident.fault !== null) reject(resident.fault);
      else if (signal.aborted) reject(signal.reason);
      else if (resident.failed || prepared.units.every((unit) => resident.done.has(unit.key))) resolve();
    };
    signal.addEventListener("abort", resident.finish, { once: true });
    resident.prepared = prepared;
    resident.finish();
    this.#change();
    return promise;
  }

  #startUnits(): void {
    if (this.#host === null || this.#ending()) return;
    for (const { id, gpu } of nextStarts(this.#hostState())) {
      const [order, unit = ""] = split(id);
      const resident = this.#residents.values().find((each) => each.order === order);
      if (resident?.prepared != null) void this.#runUnit(resident, resident.prepared, unit, gpu);
    }
  }

  /** One unit from its start to its end. Never rejects. */
  async #runUnit(resident: Resident, prepared: PreparedTask, key: string, gpu: string | null): Promise<void> {
    const unit = prepared.units.find((each) => each.key === key);
    if (unit === undefined) return;
    const demand = this.#demand(unit);
    resident.running.set(key, { demand, gpu });
    resident.begun ??= performance.now();
    const cores = demandOn(this.#hostNow(), demand).cores;
    const variables = unitVariables(cores, this.#host?.managesGpus ? gpu : undefined);
    try {
      const signal = AbortSignal.any([resident.signal, resident.siblings.signal]);
      const outcome = await prepared.executeUnit(key, { variables }, signal);
      if (outcome.ok) resident.done.add(key);
      else if (!resident.failed) {
        [resident.failed, resident.exception] = [true, outcome.exception];
        resident.siblings.abort(new UnitFailed(`unit ${key} failed`));
      }
    } catch (error) {
      // A unit that was ended because another one failed, or with its Task, is no fault.
      if (!resident.siblings.signal.aborted && !resident.signal.aborted) resident.fault ??= error;
      if (resident.fault !== null) resident.siblings.abort(new UnitFailed(`unit ${key} could not be run`));
    } finally {
      resident.running.delete(key);
      resident.finish();
      this.#change();
    }
  }

  #demand(unit: PreparedUnit): Demand {
    return unitDemand(unit, this.settings.unit_resources);
  }

  #hostNow(): Host {
    return this.#host?.host ?? { cores: 1, memory: 0, gpus: [] };
  }

  #hostState(): HostState {
    const now = performance.now();
    const ready: ReadyUnit[] = [];
    for (const { order, prepared, done, running, readySince, failed, fault, signal } of this.#residents.values()) {
      if (prepared === null || failed || fault !== null || signal.aborted) continue;
      for (const [position, unit] of prepared.units.entries()) {
        if (done.has(unit.key) || running.has(unit.key) || !unit.dependencies.every((key) => done.has(key))) continue;
        const since = readySince.get(unit.key) ?? now;
        readySince.set(unit.key, since);
        ready.push({ id: `${order} ${unit.key}`, order, position, demand: this.#demand(unit), readySince: since });
      }
    }
    return { now, host: this.#hostNow(), running: this.#runningUnits(), ready };
  }

  #runningUnits(): RunningUnit[] {
    return [...this.#residents.values()].flatMap(({ running }) => [...running.values()]);
  }

  /** So many at a time, in the order of their coming. */
  async #inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    while (this.#preparing >= preparedAtOnce) {
      await new Promise<void>((resolve) => {
        this.#turns.push(resolve);
      });
    }
    this.#preparing += 1;
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#preparing -= 1;
      this.#turns.shift()?.();
    }
  }

  #limitReached(): boolean {
    const { max_tasks } = this.settings;
    return this.#timeIsUp || (max_tasks !== null && this.executed + this.#residents.size + this.#leaving >= max_tasks);
  }

  #ending(): boolean {
    return this.core.stopped.aborted || this.#over.signal.aborted;
  }

  #change(): void {
    this.#startUnits();
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #nextChange(): Promise<void> {
    return this.#changed.promise;
  }

  /** Ends early with the service, its registration, or what ends it. */
  async #sleep(seconds: number): Promise<void> {
    const until = AbortSignal.any([this.core.stopped, this.core.lost, this.#over.signal, this.#noMore.signal]);
    await delay(1000 * seconds, until).catch(() => {});
  }
}

function split(id: string): [number, string | undefined] {
  const [order, key] = id.split(" ");
  return [Number(order), key];
}

/** An average in which the last values count most. */
function smoothed(average: number | null, value: number): number {
  return average === null ? value : 0.8 * average + 0.2 * value;
}
