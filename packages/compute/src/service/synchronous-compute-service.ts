import { retryDelay } from "@alchemiscale/client";
import type { ScopedKey } from "@alchemiscale/contract";
import type { Outcome, TaskExecutor } from "../executor.ts";
import type { SynchronousServiceSettings } from "../settings/synchronous-service-settings.ts";
import { ComputeService } from "./compute-service.ts";
import { TaskStopped } from "./task-stopped.ts";
import { taskSurroundings } from "./task-surroundings.ts";
import { transformationKey } from "./transformation-key.ts";

/**
 * A compute service: registers, claims Tasks, runs them one after another, sends the results, until a limit is reached or it is
 * stopped (compute-api §8.2).
 *
 * It is always in one of these states. *Idle*: it asks for Tasks; a claim whose reply is lost may have claimed Tasks that nobody knows
 * of, hence the service then leaves the list and registers under a new id, which sets them free. *Busy*: an executor runs a Task
 * outside of this thread, so that heartbeats go on; when the registration or the claim is gone, the Task is given up,
 * because another service may have it by now. *Sending*: a result that exists is offered for as long as the server is away, also
 * after the registration was lost: the server takes late results. *Leaving*: stopped, whatever it did is aborted, and it deregisters.
 *
 * What goes wrong with a Task is reported to the server and never ends the service.
 */
export class SynchronousComputeService extends ComputeService<SynchronousServiceSettings, TaskExecutor> {
  /** Tasks are claimed that can neither be run nor reported: they are set free by a new registration. */
  #mustRelease = false;
  /** Of the last Task. */
  #rest = Promise.resolve();

  protected async work(): Promise<void> {
    const { claim_limit, max_tasks, max_time, sleep_interval, deep_sleep_interval } = this.settings;
    const core = this.core;
    const start = performance.now();
    const done = () =>
      (max_tasks !== null && core.executed >= max_tasks) || (max_time !== null && performance.now() - start >= 1000 * max_time);
    let failedClaims = 0;
    while (!done()) {
      const count = Math.min(claim_limit, max_tasks === null ? claim_limit : max_tasks - core.executed);
      const reply = await core.claim(count);
      if (reply === null) {
        // The first failure may be a restart of the server; after that, less and less often.
        if (failedClaims > 0) await core.sleep(retryDelay(core.retries, failedClaims) / 1000);
        failedClaims += 1;
        await this.#renew();
        continue;
      }
      failedClaims = 0;
      if (reply.denied) {
        this.log.warn(`claim denied, as too many Tasks failed here lately; sleeping ${deep_sleep_interval} s`);
        await core.sleep(deep_sleep_interval);
        continue;
      }
      const tasks = core.withoutExcluded(reply.tasks);
      if (tasks.length < reply.tasks.length) this.#mustRelease = true;
      for (const task of tasks) {
        if (core.lost.aborted || done()) break;
        await this.#process(task);
      }
      const mustRelease = this.#mustRelease;
      if (mustRelease || core.lost.aborted) await this.#renew();
      if ((tasks.length === 0 || mustRelease) && !done()) await core.sleep(sleep_interval);
    }
    this.log.info(`limit reached after ${core.executed} Tasks`);
  }

  async #renew(): Promise<void> {
    await this.core.renew();
    this.#mustRelease = false;
  }

  /** From a claimed Task to a result or a failure on the server. Throws only what ends the service. */
  async #process(task: ScopedKey): Promise<void> {
    const core = this.core;
    this.log.info(`executing ${task}`);
    const start = performance.now();
    let outcome: Outcome;
    let transformation = "";
    try {
      outcome = await core.guarded(task, async (signal) => {
        const content = await core.transformation(task, signal);
        transformation = transformationKey(content.transformation);
        return this.executor.execute({ ...content, ...taskSurroundings(this.settings), task }, signal);
      });
    } catch (error) {
      if (error instanceof TaskStopped) {
        this.log.warn(`gave up ${task}: ${error.message}`);
        if (!(await core.release([task], `stopped: ${error.message}`))) this.#mustRelease = true;
        return;
      }
      if (core.lost.aborted && !core.stopped.aborted) {
        this.log.warn(`gave up ${task}: this service is not registered any more`);
        return;
      }
      outcome = core.failureOf(error);
    }
    const seconds = (performance.now() - start) / 1000;
    await this.#rest;
    const { known, rest } = await core.deliver(task, outcome);
    // The next Task need not wait for what is kept beside this one's result.
    this.#rest = rest;
    if (!known) this.#mustRelease = true;
    core.ended(task, outcome, { exception: outcome.exception ?? null, seconds, transformation });
  }

  protected async close(): Promise<void> {
    await this.#rest;
    await this.executor.close();
  }
}
