/**
 * Executes the strategies of networks: when one is due, its weights become Tasks.
 *
 * What there is to do stands in the state store and nowhere else. One strategist at a time executes a network's strategy, the one that holds its lease;
 * and what comes of an execution is written in one transaction, only where the strategy is still what it was when its work was read. So any number
 * of them may work on one store, and any of them may be killed at any moment, and nothing is doubled. (spec/strategies.md §5, §6, §9)
 */
import { randomUUID } from "node:crypto";
import type { NetworkState, Scope, ScopedKey } from "@alchemiscale/contract";
import { type ObjectText, type StateStore, StateStoreUnavailable, type StrategyWork } from "@alchemiscale/statestore";
import type { EvaluatedMember } from "./evaluate.ts";
import { EvaluationThread } from "./evaluation-thread.ts";
import { failureOf } from "./failure.ts";
import { type Proposer, ProposerUnavailable } from "./proposer.ts";
import type { ReadNetwork } from "./read-network.ts";

export interface StrategistLogger {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

export interface StrategistOptions {
  readonly stateStore: StateStore;
  readonly logger: StrategistLogger;
  /** Seconds, at least 1: between two looks at everything, and the least interval of any strategy. */
  readonly sleepInterval: number;
  /** Strategies that are executed at the same time. */
  readonly maxWorkers: number;
  /** Only networks in these. */
  readonly scopes: readonly Scope[];
  /** Only networks in one of these states; active ones unless told. */
  readonly states?: readonly NetworkState[];
  /** For strategies that do not run here; without it they stay as they are, and say so. */
  readonly proposer?: Proposer;
  /** Before the first look. */
  readonly delaySeconds?: number;
  /** For so long is a network left to a strategist that is not heard of any more; 30 unless told. */
  readonly leaseSeconds?: number;
}

type Due = Awaited<ReturnType<StateStore["strategies"]["due"]>>[number];

/** After something has changed: what comes meanwhile is looked at together. */
const gatherMs = 500;
/** While no strategy has been due, nobody is asked to tell of changes: it is looked now and then. */
const idleLookMs = 5000;
/** A network that another strategist is at, or whose execution broke off, is looked at again after this. */
const restMs = 5000;
/** The clock of the store may differ that much from the one that alarms are set by. */
const clockMs = 100;
/** Results that have landed are waited for so long until they are read, and looked at so often. */
const estimatesMs = 10_000;
const estimatesLookMs = 500;
/** Networks that are kept as they were read: they never change. */
const mostNetworks = 16;

const needsPython =
  "it is a strategy of a Python package, and no Python is named here that could run it (ALCHEMISCALE_ANALYSIS_PYTHON, --analysis-python): run a strategist that has one, or set one of the built-in strategies";

export class Strategist {
  readonly #options: StrategistOptions;
  readonly #stopping = new AbortController();
  readonly #queue: Due[] = [];
  /** Waiting in the queue, or being executed. */
  readonly #busy = new Set<ScopedKey>();
  readonly #lanes = new Set<Promise<void>>();
  /** Those for which there is nothing to do before there is news of them. */
  readonly #quiet = new Set<ScopedKey>();
  /** Busy ones of which there was news meanwhile. */
  readonly #touched = new Set<ScopedKey>();
  /** Not to be looked at before. */
  readonly #rests = new Map<ScopedKey, number>();
  /** When something will be due. */
  readonly #alarms = new Map<ScopedKey, number>();
  /** How long the estimates of a network are waited for. */
  readonly #patience = new Map<ScopedKey, number>();
  readonly #networks = new Map<ScopedKey, ReadNetwork>();
  #cursor: number | undefined;
  #lastFull = Number.NEGATIVE_INFINITY;
  #unwatch: (() => void) | undefined;
  #changed = false;
  #wake: () => void = () => {};
  #running: Promise<void> | undefined;
  #troubled = false;

  constructor(options: StrategistOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** What is being executed breaks off, and nothing of it is written. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    this.#unwatch?.();
    await this.#running;
    await Promise.all(this.#lanes);
  }

  async #run(): Promise<void> {
    await this.#sleep((this.#options.delaySeconds ?? 0) * 1000);
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#look();
        this.#troubled = false;
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        if (!this.#troubled) this.#options.logger.warn({ err: error }, "strategies could not be looked at; it is tried again");
        this.#troubled = true;
      }
      await this.#pause();
    }
  }

  /** Finds what is due, and puts it to work. */
  async #look(): Promise<void> {
    const { stateStore, sleepInterval, scopes, states = ["active"] } = this.#options;
    this.#changed = false;
    const now = performance.now();
    const latest = await stateStore.events.latest();
    if (this.#cursor === undefined || now >= this.#lastFull + sleepInterval * 1000) {
      this.#quiet.clear();
      this.#lastFull = now;
    } else if (this.#quiet.size + this.#busy.size > 0 && latest > this.#cursor) {
      for (const network of await stateStore.events.networksTouched(this.#cursor, latest)) {
        this.#quiet.delete(network);
        if (this.#busy.has(network)) this.#touched.add(network);
      }
    }
    this.#cursor = latest;
    for (const times of [this.#rests, this.#alarms]) for (const [network, at] of times) if (at <= now) times.delete(network);
    const due = await stateStore.strategies.due({ scopes, minSleep: sleepInterval, states });
    if (due.length > 0) this.#unwatch ??= stateStore.watch(() => this.#tell());
    for (const item of due) {
      const { network } = item;
      if (this.#quiet.has(network) || this.#rests.has(network) || this.#busy.has(network)) continue;
      this.#busy.add(network);
      this.#queue.push(item);
    }
    const lanes = Math.min(this.#options.maxWorkers - this.#lanes.size, this.#queue.length);
    for (let i = 0; i < lanes; i += 1) {
      const lane: Promise<void> = this.#lane().finally(() => {
        this.#lanes.delete(lane);
        // What came while it ended.
        if (this.#queue.length > 0) this.#tell();
      });
      this.#lanes.add(lane);
    }
  }

  #tell(): void {
    this.#changed = true;
    this.#wake();
  }

  /** Until something changes, or something is due by the clock. */
  async #pause(): Promise<void> {
    const begun = performance.now();
    const { sleepInterval } = this.#options;
    const next = Math.min(begun + sleepInterval * 1000, ...this.#rests.values(), ...this.#alarms.values());
    const most = this.#unwatch === undefined ? Math.min(idleLookMs, sleepInterval * 1000) : next - begun;
    if (!this.#changed) await this.#sleep(Math.max(most, 10));
    await this.#sleep(Math.min(gatherMs, begun + gatherMs - performance.now()), true);
  }

  /** @param whole changes do not end it */
  async #sleep(ms: number, whole = false): Promise<void> {
    if (ms <= 0 || this.#stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        if (whole && !this.#stopping.signal.aborted) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }

  /** Executes what is in the queue until nothing is left; its thread and the memory of it go with it. */
  async #lane(): Promise<void> {
    const thread = new EvaluationThread();
    const close = () => void thread.close();
    this.#stopping.signal.addEventListener("abort", close, { once: true });
    try {
      for (let item = this.#queue.shift(); item !== undefined; item = this.#queue.shift()) {
        if (!this.#stopping.signal.aborted) await this.#attempt(item, thread);
        this.#busy.delete(item.network);
        this.#touched.delete(item.network);
      }
    } finally {
      this.#stopping.signal.removeEventListener("abort", close);
      await thread.close();
    }
  }

  /** A crash writes nothing: the strategy stays due. */
  async #attempt(item: Due, thread: EvaluationThread): Promise<void> {
    const { network } = item;
    try {
      await this.#withLease(network, () => this.#execute(item, thread));
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#options.logger.error({ err: error, network }, "a strategy could not be executed; it is tried again");
      const rest = error instanceof StateStoreUnavailable ? restMs : this.#options.sleepInterval * 1000;
      this.#rests.set(network, performance.now() + rest);
    }
  }

  async #withLease(network: ScopedKey, work: () => Promise<void>): Promise<void> {
    const { stateStore, leaseSeconds = 30 } = this.#options;
    const { processes } = stateStore;
    const name = `strategy ${network}`;
    const holder = randomUUID();
    if (!(await processes.takeLease(name, holder, leaseSeconds))) {
      // Whoever has it may have been killed.
      this.#rests.set(network, performance.now() + Math.min(restMs, leaseSeconds * 1000));
      return;
    }
    const renewing = setInterval(
      () => void processes.takeLease(name, holder, leaseSeconds).catch(() => {}),
      (leaseSeconds * 1000) / 3,
    );
    try {
      await work();
    } finally {
      clearInterval(renewing);
      await processes.leave(holder).catch(() => {});
    }
  }

  async #execute(item: Due, thread: EvaluationThread): Promise<void> {
    const { stateStore, logger, sleepInterval } = this.#options;
    const { network } = item;
    const work = await stateStore.strategies.work(network);
    // Another strategist was at it, or its owner.
    if (work === null || work.state.iterations !== item.state.iterations || work.state.mode === "disabled") return;
    const { status, lastIterationResultCount } = work.state;
    if (status === "error") return;
    if (status === "dormant" && work.resultCount === lastIterationResultCount) {
      this.#awaitNews(network);
      return;
    }
    const asked = await this.#members(network, work, thread);
    if (asked === "wait") return;
    if (asked === null) {
      if (work.blocked !== needsPython) await stateStore.strategies.block(network, work.version, needsPython);
      this.#awaitNews(network);
      return;
    }
    const read = await this.#network(network, thread);
    const iteration = await thread.run("evaluate", { network: read, work, members: asked });
    if (this.#stopping.signal.aborted) return;
    if (!(await stateStore.strategies.apply(network, iteration))) {
      logger.info({ network }, "a strategy has changed while it was executed; it is looked at again");
      this.#tell();
      return;
    }
    const { create, action, cancel } = iteration;
    const tasks = {
      created: create.reduce((sum, { count }) => sum + count, 0),
      actioned: action.length,
      cancelled: cancel.length,
    };
    if (iteration.exception === null || iteration.status !== "error") {
      logger.info({ network, status: iteration.status, ...tasks }, "a strategy was executed");
    } else {
      logger.error({ network, exception: iteration.exception.join(": ") }, "a strategy has failed");
    }
    this.#alarms.set(network, performance.now() + Math.max(sleepInterval, work.state.sleepInterval) * 1000 + clockMs);
  }

  #awaitNews(network: ScopedKey): void {
    if (this.#touched.has(network)) this.#tell();
    else this.#quiet.add(network);
  }

  /** Null where nobody here can execute any of them; `wait` where one needs to know what has just landed. */
  async #members(network: ScopedKey, work: StrategyWork, thread: EvaluationThread): Promise<EvaluatedMember[] | "wait" | null> {
    const { proposer } = this.#options;
    const members: EvaluatedMember[] = [];
    let unable = 0;
    for (const { strategy } of work.members) {
      const chain = await this.#chain(strategy);
      const kind = await thread.run("kindOf", chain);
      if (kind === "estimates" && (await this.#awaitsEstimates(network))) return "wait";
      if (kind !== "python") {
        members.push({ chain });
      } else if (proposer === undefined) {
        unable += 1;
        members.push({ failure: { type: "NoPythonExecutor", message: needsPython, traceback: needsPython } });
      } else {
        members.push(await this.#askPython(proposer, network, chain, work));
      }
    }
    return unable === members.length ? null : members;
  }

  /** A server reads results within seconds; where none does, strategies go on with what is known. */
  async #awaitsEstimates(network: ScopedKey): Promise<boolean> {
    const now = performance.now();
    const until = this.#patience.get(network) ?? now + estimatesMs;
    const { unread = 0 } = (await this.#options.stateStore.estimates.ofNetwork(network)) ?? {};
    if (unread === 0 || now >= until) {
      this.#patience.delete(network);
      return false;
    }
    this.#patience.set(network, until);
    this.#rests.set(network, now + estimatesLookMs);
    return true;
  }

  async #askPython(
    proposer: Proposer,
    network: ScopedKey,
    strategy: readonly ObjectText[],
    work: StrategyWork,
  ): Promise<EvaluatedMember> {
    try {
      return { proposal: await proposer.propose({ network, strategy, work, signal: this.#stopping.signal }) };
    } catch (error) {
      const isFailure = error instanceof Error && !(error instanceof ProposerUnavailable);
      if (this.#stopping.signal.aborted || !isFailure) throw error;
      return { failure: failureOf(error) };
    }
  }

  async #network(network: ScopedKey, thread: EvaluationThread): Promise<ReadNetwork> {
    const known = this.#networks.get(network);
    if (known !== undefined) return known;
    const read = await thread.run("readNetwork", await this.#chain(network));
    const [oldest] = this.#networks.keys();
    if (this.#networks.size >= mostNetworks && oldest !== undefined) this.#networks.delete(oldest);
    this.#networks.set(network, read);
    return read;
  }

  async #chain(key: ScopedKey): Promise<readonly ObjectText[]> {
    const chain = await this.#options.stateStore.objects.chain(key);
    if (chain === null) throw new Error(`the state store has no ${key}`);
    return chain;
  }
}
