/**
 * Keeps estimates up to date with results: reads each result once, in a thread of its own, and makes the summary of its Transformation
 * and the estimates of its networks anew.
 *
 * What there is to do stands in the state store and nowhere else, so that any process may be killed at any moment. One process at a time
 * works, the one that holds the lease; the others look now and then whether it still does. Requests never wait for any of this.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import type { GatheredEstimate } from "@alchemiscale/analysis";
import { gufeKeyOf, type NetworkCost, qualnameOf, type ScopedKey } from "@alchemiscale/contract";
import { blocksOf } from "@alchemiscale/gufe";
import { type ObjectStore, ObjectStoreUnavailable } from "@alchemiscale/objectstore";
import {
  type EstimateBacklog,
  type NewReading,
  type ObjectText,
  type StaleTransformation,
  type StateStore,
  StateStoreUnavailable,
  type UnreadResult,
} from "@alchemiscale/statestore";
import type { FastifyBaseLogger } from "fastify";
import { sendChunks } from "../port-stream.ts";
import { openResult } from "../results/open-result.ts";
import { ahead } from "../v1/results/ahead.ts";
import { WorkerThreads } from "../worker-threads.ts";
import { lastLine } from "./failure-reason.ts";
import type { Gatherer } from "./gather-transformation.ts";
import { type KeptReading, unreadable } from "./kept-reading.ts";
import type { CostInput } from "./network-cost.ts";
import type { NetworkInput } from "./network-document.ts";
import { PythonEstimates } from "./python-estimates.ts";
import type { EstimateDetails } from "./repeat-details.ts";

const duty = "estimates";
const leaseSeconds = 5;
/** Results that are read before they are written down together, and how many are opened ahead. */
const batchResults = 64;
const openedAhead = 4;
const batchTransformations = 32;
const batchNetworks = 100;
/** Between two turns: what lands meanwhile is done together. Also how often is looked for what other processes have taken in. */
const lookMs = 2000;
/** The same while somebody waits. */
const hurriedMs = 200;
/** The first look after a start: what a killed process has left can wait, and until then no thread of the store is needed for it. */
const firstLookMs = 5000;
/** Summaries, and the estimates of one network, rest after they were made for as long as so many times the time that it took, but never longer than this. */
const ordinaryRest: Rest = { factor: 20, longestMs: 3000 };
/** The same while somebody waits. */
const hurriedRest: Rest = { factor: 5, longestMs: 1000 };
/** So often may a result be out of reach while others are not, before it counts as unreadable. */
const patience = 5;
const mostProtocols = 100;
/** A result may be hard to read; it must not take the server with it. */
const threadMegabytes = 512;
const chainMegabytes = 2048;

export interface EstimatorOptions {
  readonly stateStore: StateStore;
  readonly objectStore: ObjectStore;
  readonly logger: Pick<FastifyBaseLogger, "info" | "warn" | "error">;
  /** Python, for protocols that are not read here; without it their estimates say so. It stays the caller's. */
  readonly gatherer?: Gatherer;
}

export class Estimator {
  readonly #stateStore: StateStore;
  readonly #objectStore: ObjectStore;
  readonly #logger: EstimatorOptions["logger"];
  readonly #threads = new WorkerThreads(1, { maxOldGenerationSizeMb: threadMegabytes });
  /** Whole networks are read once, and rarely: the memory that it takes goes with the thread. */
  readonly #chainThreads = new WorkerThreads(1, { maxOldGenerationSizeMb: chainMegabytes });
  readonly #holder = randomUUID();
  readonly #stopping = new AbortController();
  readonly #protocols = new Map<ScopedKey, readonly ObjectText[] | null>();
  readonly #outOfReach = new Map<number, number>();
  readonly #networksMade = new Map<ScopedKey, Made>();
  readonly #python: PythonEstimates | null;
  #summariesMade: Made = { at: Number.NEGATIVE_INFINITY, took: 0 };
  /** Somebody has waited since the last turn began. */
  #hurried = false;
  /** When summaries were made last. */
  #readSince = Number.NEGATIVE_INFINITY;
  #leaseUntil = 0;
  /** Ends the pause then, if it has not ended before. */
  #endPauseAt: (time: number) => void = () => {};
  #turnEnded = 0;
  /** When there was something to read last. */
  #worked = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;
  #troubled = false;

  constructor({ stateStore, objectStore, logger, gatherer }: EstimatorOptions) {
    this.#stateStore = stateStore;
    this.#objectStore = objectStore;
    this.#logger = logger;
    this.#python =
      gatherer === undefined
        ? null
        : new PythonEstimates({
            stores: { stateStore, objectStore },
            gatherer,
            signal: this.#stopping.signal,
            write: (transformation, gathered) => this.#writeGathered(transformation, gathered),
            isOutOfReach,
          });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Something has landed here. */
  wake(): void {
    this.#endPauseAt(this.#worked + lookMs);
  }

  /** Somebody waits for what has landed. */
  hurry(): void {
    this.#hurried = true;
    this.#endPauseAt(this.#turnEnded + hurriedMs);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#endPauseAt(this.#turnEnded);
    await Promise.all([this.#threads.close(), this.#chainThreads.close()]);
    await Promise.all([this.#running, this.#python?.settled()]);
    if (this.#leaseUntil === 0) return;
    // Others need not wait for the end of the lease.
    await this.#stateStore.processes.leave(this.#holder).catch(() => {});
  }

  /** Until nothing is left to do, by this process or another one. */
  async finish(onProgress: (left: EstimateBacklog) => void = () => {}): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#hurried = true;
      const rest = await this.#turn();
      const left = await this.#stateStore.estimates.backlog();
      onProgress(left);
      if (left.results + left.transformations + left.networks === 0) return;
      await sleep(Math.min(rest, hurriedMs));
    }
  }

  async #run(): Promise<void> {
    this.#turnEnded = performance.now();
    await this.#pause(firstLookMs);
    while (!this.#stopping.signal.aborted) {
      let rest = lookMs;
      try {
        rest = await this.#turn();
        this.#troubled = false;
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        if (!this.#troubled) this.#logger.warn({ err: error }, "estimates could not be brought up to date; it is tried again");
        this.#troubled = true;
      }
      this.#turnEnded = performance.now();
      await this.#pause(rest);
    }
  }

  /** What lands after a quiet time ends it at once; while more and more lands, or somebody waits, it has its length all the same. */
  async #pause(ms: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      let end = this.#turnEnded + ms;
      let timer = setTimeout(resolve, ms).unref();
      this.#endPauseAt = (time) => {
        if (time >= end) return;
        end = time;
        clearTimeout(timer);
        timer = setTimeout(resolve, Math.max(0, time - performance.now())).unref();
      };
    });
    this.#endPauseAt = () => {};
  }

  /** Does a part of what there is to do. After how many milliseconds there may be more. */
  async #turn(): Promise<number> {
    const { estimates } = this.#stateStore;
    const rest = this.#hurried ? hurriedRest : ordinaryRest;
    this.#hurried = false;
    const unread = await estimates.unread(0, batchResults);
    if (unread.length > 0) {
      // Also where another process does it, or a store is away.
      this.#worked = performance.now();
      if (!(await this.#holdLease())) return lookMs;
      await estimates.writeReadings(await this.#readAll(unread));
    }
    // A full batch has more behind it: what it is good for can wait until they are read, but not for ever.
    if (unread.length === batchResults && performance.now() < this.#readSince + ordinaryRest.longestMs) return 0;
    const summarized = await this.#summarize(rest);
    const estimated = await this.#estimateNetworks(rest);
    const now = performance.now();
    this.#readSince = now;
    if (unread.length > 0) this.#worked = now;
    return Math.min(summarized, estimated, lookMs);
  }

  async #holdLease(): Promise<boolean> {
    const now = performance.now();
    if (now < this.#leaseUntil - (leaseSeconds * 1000) / 2) return true;
    if (!(await this.#stateStore.processes.takeLease(duty, this.#holder, leaseSeconds))) return false;
    this.#leaseUntil = now + leaseSeconds * 1000;
    return true;
  }

  // --- readings ---

  async #readAll(unread: readonly UnreadResult[]): Promise<NewReading[]> {
    const outcomes: { readonly result: UnreadResult; readonly kept: KeptReading | Error }[] = [];
    async function* source() {
      yield* unread;
    }
    const read = ahead(source(), openedAhead, (result) => ({
      value: this.#read(result).then(
        (kept) => ({ result, kept }),
        (error: Error) => ({ result, kept: error }),
      ),
      drop: async () => {},
    }));
    for await (const outcome of read) outcomes.push(outcome);
    const failed = outcomes.filter(({ kept }) => kept instanceof Error);
    // A store is away, rather than one object of it.
    if (failed.length === outcomes.length && failed.every(({ kept }) => isOutOfReach(kept))) throw failed[0]?.kept;
    const readings: NewReading[] = [];
    for (const { result, kept } of outcomes) {
      const settled = kept instanceof Error ? await this.#settle(result, kept) : kept;
      if (settled !== null)
        readings.push({ result: result.cursor, version: settled.reading.version, text: JSON.stringify(settled) });
    }
    return readings;
  }

  /** What could not be read while others could: alone once more; then it has a reason, or time. */
  async #settle(result: UnreadResult, error: Error): Promise<KeptReading | null> {
    let found = error;
    if (!isOutOfReach(error)) {
      try {
        return await this.#read(result);
      } catch (again) {
        found = again as Error;
      }
    }
    if (this.#stopping.signal.aborted) return null;
    if (!isOutOfReach(found)) {
      this.#logger.error({ err: found, ref: result.ref }, "a result could not be read");
      return this.#reason(result, "too-large", `reading it ended the thread that did: ${found.message}`);
    }
    const times = (this.#outOfReach.get(result.cursor) ?? 0) + 1;
    this.#outOfReach.set(result.cursor, times);
    if (times < patience) return null;
    this.#outOfReach.delete(result.cursor);
    return this.#reason(result, "missing", `it cannot be had: ${found.message}`);
  }

  async #read(result: UnreadResult): Promise<KeptReading> {
    const failures = result.ok ? {} : { failures: await this.#failures(result.ref) };
    const chain = await this.#protocol(result.protocol);
    if (result.protocol === null || chain === null) {
      const reading = unreadable(
        result.resultKey,
        "",
        "unknown-protocol",
        "the Protocol of its Transformation is not known here",
      );
      return { reading, ...failures };
    }
    const stored = await openResult(this.#objectStore, result.transformation, result);
    if (stored === null) {
      const reading = unreadable(result.resultKey, qualnameOf(result.protocol), "missing", "the object store does not hold it");
      return { reading, ...failures };
    }
    const { port1, port2 } = new MessageChannel();
    const protocol = { key: gufeKeyOf(result.protocol), chain };
    const reading = this.#threads.run("readKeptResult", { object: port2, resultKey: result.resultKey, protocol }, [port2]);
    // A thread that ends before it has taken the port leaves it open: nobody would ever take what is sent.
    reading.catch(() => port1.close());
    try {
      const [read, sent] = await Promise.allSettled([reading, sendChunks(stored.body, port1)]);
      if (sent.status === "rejected" && sent.reason instanceof ObjectStoreUnavailable) throw sent.reason;
      if (read.status === "rejected") throw read.reason;
      return { reading: read.value, ...failures };
    } finally {
      await stored.close();
    }
  }

  #reason(result: UnreadResult, code: "missing" | "too-large", message: string): KeptReading {
    return { reading: unreadable(result.resultKey, result.protocol === null ? "" : qualnameOf(result.protocol), code, message) };
  }

  async #failures(ref: ScopedKey): Promise<string[]> {
    return (await this.#stateStore.results.tracebacks(ref)).map(({ traceback }) => lastLine(traceback));
  }

  async #protocol(key: ScopedKey | null): Promise<readonly ObjectText[] | null> {
    if (key === null) return null;
    const known = this.#protocols.get(key);
    if (known !== undefined) return known;
    const chain = await this.#stateStore.objects.chain(key);
    if (this.#protocols.size >= mostProtocols) this.#protocols.clear();
    this.#protocols.set(key, chain);
    return chain;
  }

  // --- summaries and networks ---

  async #summarize(rest: Rest): Promise<number> {
    const early = restOf(this.#summariesMade, rest);
    if (early > 0) return early;
    const begun = performance.now();
    const { estimates } = this.#stateStore;
    if (this.#python !== null && this.#python.size > 0) await this.#holdLease();
    for (;;) {
      // Those that wait for Python stay stale, and keep nobody else waiting.
      const wanted = batchTransformations + (this.#python?.size ?? 0);
      const stale = await estimates.staleTransformations(wanted);
      const due = stale.filter(({ id }) => this.#python?.has(id) !== true);
      if (due.length === 0) break;
      if (!(await this.#holdLease())) return lookMs;
      const input = { stale: due, asksPython: this.#python !== null };
      const { summaries, toGather } = await this.#threads.run("summarizeTransformations", input);
      if (summaries.length > 0) await estimates.writeSummaries(summaries);
      for (const { id, resultKeys } of toGather) {
        const transformation = due.find((each) => each.id === id);
        if (transformation !== undefined) this.#python?.add(transformation, resultKeys);
      }
      if (stale.length < wanted || this.#stopping.signal.aborted) break;
    }
    this.#summariesMade = madeSince(begun);
    return lookMs;
  }

  async #writeGathered(transformation: StaleTransformation, gathered: GatheredEstimate): Promise<void> {
    const input = { stale: [transformation], asksPython: true, gathered: new Map([[transformation.id, gathered]]) };
    const { summaries } = await this.#threads.run("summarizeTransformations", input);
    await this.#stateStore.estimates.writeSummaries(summaries);
    this.#endPauseAt(this.#turnEnded + hurriedMs);
  }

  async #estimateNetworks(rest: Rest): Promise<number> {
    let next = lookMs;
    for (const [network, made] of this.#networksMade) if (restOf(made, ordinaryRest) <= 0) this.#networksMade.delete(network);
    for (const network of await this.#stateStore.estimates.staleNetworks(batchNetworks)) {
      const made = this.#networksMade.get(network);
      const early = made === undefined ? 0 : restOf(made, rest);
      if (early > 0) {
        next = Math.min(next, early);
        continue;
      }
      if (!(await this.#holdLease())) return lookMs;
      const begun = performance.now();
      await this.estimateNetwork(network);
      this.#networksMade.set(network, madeSince(begun));
    }
    return next;
  }

  /** How well the repeats of a Transformation were sampled; of its first results. */
  async repeatDetails(transformation: ScopedKey, results: number): Promise<EstimateDetails["repeats"]> {
    const texts = await this.#stateStore.estimates.readings(transformation, results);
    return texts.length === 0 ? [] : this.#threads.run("repeatDetails", texts);
  }

  /** Makes the estimates of a network from what is known of its Transformations, whoever has the lease. Nothing for a missing network. */
  async estimateNetwork(network: ScopedKey): Promise<void> {
    const known = await this.#networkInputs(network);
    if (known === null) return;
    const text = await this.#threads.run("estimateNetwork", known.input);
    await this.#stateStore.estimates.writeNetworkEstimates(network, known.revision, text);
  }

  /** What is too large to be kept and quickly made, as JSON. */
  async networkPart(network: ScopedKey, part: "networkCovariance" | "networkTransformations"): Promise<string> {
    const known = await this.#networkInputs(network);
    return known === null ? "[]" : await this.#threads.run(part, known.input);
  }

  /** Null for a missing network. @param learnFrom what may be learned from, where the network itself has no finished Tasks */
  async networkCost(
    network: ScopedKey,
    learnFrom: readonly ScopedKey[],
    options: Pick<CostInput, "wanted" | "hardware" | "each">,
  ): Promise<Omit<NetworkCost, "up_to_date" | "unread"> | null> {
    const own = await this.#networkInputs(network);
    if (own === null) return null;
    const others: NetworkInput[] = [];
    // Those that somebody has looked at have their edges.
    for (const other of own.input.summaries.length > 0 ? [] : learnFrom) {
      const { edges = null, summaries = [] } = (await this.#stateStore.estimates.networkInputs(other)) ?? {};
      if (edges !== null && summaries.length > 0) others.push({ network: other, edges, summaries });
    }
    return this.#threads.run("networkCost", { input: own.input, others, ...options });
  }

  async #networkInputs(network: ScopedKey): Promise<{ readonly revision: number; readonly input: NetworkInput } | null> {
    const { estimates, objects } = this.#stateStore;
    const inputs = await estimates.networkInputs(network);
    if (inputs === null) return null;
    const { revision, summaries } = inputs;
    if (inputs.edges !== null) return { revision, input: { network, edges: inputs.edges, summaries } };
    const chain = await objects.packedChain(network);
    if (chain === null) return null;
    const edges = await this.#chainThreads.run("readNetworkEdges", chain, blocksOf(chain));
    await estimates.writeNetworkEdges(network, edges);
    return { revision, input: { network, edges, summaries } };
  }
}

interface Rest {
  readonly factor: number;
  readonly longestMs: number;
}

/** When something was made last, and how long it took. */
interface Made {
  readonly at: number;
  readonly took: number;
}

function madeSince(begun: number): Made {
  const at = performance.now();
  return { at, took: at - begun };
}

/** Milliseconds until it may be made again. */
function restOf({ at, took }: Made, { factor, longestMs }: Rest): number {
  return at + Math.min(factor * took, longestMs) - performance.now();
}

function isOutOfReach(error: unknown): boolean {
  return error instanceof ObjectStoreUnavailable || error instanceof StateStoreUnavailable;
}
