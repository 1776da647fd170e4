import type { Provenance } from "@alchemiscale/contract";
import { isJsonArray, JsonNumber, type KeyedChain, keyedChainFromText, parseJson, sliceKeyedChain } from "@alchemiscale/gufe";
import { decompressZstd, zstdContentSize } from "@alchemiscale/gufe/zstd";
import { addToJournal, beginJournal, type JournalAttempt, readJournal, type UnitIds } from "./attempt-journal.ts";
import {
  attemptHarmonicUnit,
  type ExecutedDag,
  failedHarmonicUnit,
  harmonicDagResult,
  type UnitDone,
  unitDone,
} from "./execute-harmonic-units.ts";
import { createHarmonicDag, type HarmonicDag, type HarmonicUnit } from "./harmonic-dag.ts";
import { InvalidHarmonicInput, objectOf, readHarmonicInput, referenceOf, type UnitName } from "./harmonic-input.ts";

/** What a Task's ProtocolDAG is made from. */
export interface NativeTask {
  /** Name of the DAG: the Task's ScopedKey. */
  readonly name: string;
  readonly transformation: string;
  readonly extended: Uint8Array | null;
}

/** A Task whose ProtocolDAG has been made: with the ids of its units the same one is made again, in any thread. */
export interface PreparedNative {
  readonly name: string;
  readonly transformation: string;
  readonly extends: { readonly key: string; readonly generation: number } | null;
  readonly ids: UnitIds;
  /** Path of the file in which attempts are written down. */
  readonly journal: string;
}

/** What the threads are asked to do. */
export type NativeJob =
  | {
      readonly job: "prepare";
      readonly task: NativeTask;
      readonly journal: string;
      readonly resume: boolean;
      readonly retries: number;
    }
  | {
      readonly job: "execute";
      readonly task: NativeTask;
      readonly journal: string;
      readonly retries: number;
      readonly seed: string | null;
    }
  | {
      readonly job: "unit";
      readonly prepared: PreparedNative;
      readonly unit: string;
      readonly retries: number;
      readonly seed: string | null;
    }
  | {
      readonly job: "fail";
      readonly prepared: PreparedNative;
      readonly unit: string;
      readonly exception: string;
      readonly message: string;
      /** ISO 8601, local. */
      readonly started: string;
    }
  | { readonly job: "assemble"; readonly prepared: PreparedNative };

export interface NativeUnitResult {
  readonly unit: string;
  readonly ok: boolean;
  readonly attempts: number;
  readonly exception: string | null;
}

export interface NativeDag {
  readonly prepared: PreparedNative;
  readonly dagKey: string;
  readonly units: readonly {
    readonly key: string;
    readonly name: string;
    readonly qualname: string;
    readonly dependencies: readonly string[];
  }[];
  readonly finished: readonly NativeUnitResult[];
}

/** What a Task came to. */
export interface NativeResult extends ExecutedDag {
  /** Of each attempt, in gufe's order. */
  readonly about: Provenance["units"];
  /** Of the unit that ended it; null where it is ok. */
  readonly exception: string | null;
}

const unitNames: readonly UnitName[] = ["setup", "forward", "reverse", "analysis"];
/** Results of the native protocol are small; anything near this is none of them. */
const largestExtended = 256 * 1024 * 1024;

/**
 * Makes the ProtocolDAG, or the one of the journal again. Throws where none can be made: an unreadable
 * chain (`GufeError`), another Protocol or settings out of range ({@link InvalidHarmonicInput}).
 */
export function prepareNative(
  task: NativeTask,
  journal: string,
  options: { readonly resume: boolean; readonly retries: number },
): NativeDag {
  const before = options.resume ? readJournal(journal) : null;
  const { dag, prepared } = makeDag(task, journal, before?.ids ?? null);
  const keys = new Map(dag.units.map(({ unit, key }) => [unit, key]));
  return {
    prepared,
    dagKey: dag.key,
    units: dag.units.map(({ unit, key, dependencies }) => ({
      key,
      name: unit,
      qualname: key.slice(0, key.indexOf("-")),
      dependencies: dependencies.map((name) => keys.get(name) ?? ""),
    })),
    finished: before === null ? [] : finishedUnits(dag, inOrder(dag, before.attempts), options.retries),
  };
}

/** Runs a whole Task in one go: what it takes to ask a thread for each unit is more than a small unit takes. Throws as {@link prepareNative}. */
export async function executeNative(task: NativeTask, journal: string, options: AttemptOptions): Promise<NativeResult> {
  const { dag, prepared } = makeDag(task, journal, null);
  const made: Made = { attempts: [], done: new Map() };
  for (const unit of dag.units) {
    const { ok } = await runUnit(dag, prepared, unit, made, options);
    if (!ok) break;
  }
  return resultOf(dag, made.attempts);
}

interface AttemptOptions {
  readonly retries: number;
  readonly seed: string | null;
}

/** Runs a unit until an attempt succeeds or none is left; each attempt is on disk before the next begins. */
export function runNativeUnit(prepared: PreparedNative, unitKey: string, options: AttemptOptions): Promise<NativeUnitResult> {
  const dag = dagOf(prepared);
  const attempts = attemptsOf(dag, prepared);
  return runUnit(dag, prepared, unitOf(dag, unitKey), { attempts, done: successes(attempts) }, options);
}

/** What there is of a Task. */
interface Made {
  readonly attempts: JournalAttempt[];
  readonly done: Map<UnitName, UnitDone>;
}

/** Adds what it makes. */
async function runUnit(
  dag: HarmonicDag,
  prepared: PreparedNative,
  unit: HarmonicUnit,
  { attempts, done }: Made,
  options: AttemptOptions,
): Promise<NativeUnitResult> {
  for (let attempt = attempts.filter((other) => other.unit === unit.unit).length; ; attempt += 1) {
    const clock = performance.now();
    const started = new Date().toISOString();
    const cpu = process.threadCpuUsage();
    const made = await attemptHarmonicUnit(unit, dag, done, options.seed === null ? {} : { seed: options.seed });
    const used = process.threadCpuUsage(cpu);
    const about = {
      unit: unit.key,
      name: unit.unit,
      attempt,
      ok: made.done !== null,
      ...(made.exception === null ? {} : { exception: made.exception }),
      started,
      ended: new Date().toISOString(),
      seconds: (performance.now() - clock) / 1000,
      cpu_seconds: (used.user + used.system) / 1e6,
      pid: process.pid,
    };
    const written = { unit: unit.unit, element: made.element, about };
    addToJournal(prepared.journal, written);
    attempts.push(written);
    if (made.done !== null) done.set(unit.unit, made.done);
    if (made.done !== null || attempt >= options.retries) {
      return { unit: unit.key, ok: made.done !== null, attempts: attempt + 1, exception: made.exception };
    }
  }
}

/** Writes the failure of an attempt whose thread has ended. */
export function failNativeUnit(
  prepared: PreparedNative,
  unitKey: string,
  failure: { readonly exception: string; readonly message: string; readonly started: string },
): NativeUnitResult {
  const dag = dagOf(prepared);
  const unit = unitOf(dag, unitKey);
  const before = attemptsOf(dag, prepared);
  const attempt = before.filter((other) => other.unit === unit.unit).length;
  const error = new Error(failure.message);
  error.name = failure.exception;
  error.stack = `${failure.exception}: ${failure.message}`;
  const element = failedHarmonicUnit(unit, successes(before), error, Temporal.PlainDateTime.from(failure.started));
  const exception = error.stack;
  const about = { unit: unit.key, name: unit.unit, attempt, ok: false, exception };
  addToJournal(prepared.journal, { unit: unit.unit, element, about });
  return { unit: unitKey, ok: false, attempts: attempt + 1, exception };
}

/** The ProtocolDAGResult of what is on disk. */
export function assembleNative(prepared: PreparedNative): NativeResult {
  const dag = dagOf(prepared);
  return resultOf(dag, attemptsOf(dag, prepared));
}

/** Of attempts in gufe's order. */
function resultOf(dag: HarmonicDag, attempts: readonly JournalAttempt[]): NativeResult {
  const elements = attempts.map(({ element }) => element);
  const result = harmonicDagResult(dag, elements);
  const exception = result.ok ? null : (attempts.at(-1)?.about.exception ?? null);
  return { ...result, about: attempts.map(({ about }) => about), exception };
}

/** The ProtocolDAG that this thread had last: mostly the one that it is asked for next. */
let last: { readonly journal: string; readonly dag: HarmonicDag } | null = null;

function dagOf(prepared: PreparedNative): HarmonicDag {
  if (last?.journal === prepared.journal && last.dag.units.every(({ unit, key }) => idOf(key) === prepared.ids[unit])) {
    return last.dag;
  }
  return dagFrom(prepared, prepared.journal, prepared.extends, prepared.ids);
}

function dagFrom(
  { name, transformation }: Pick<NativeTask, "name" | "transformation">,
  journal: string,
  extended: PreparedNative["extends"],
  ids: UnitIds | null,
): HarmonicDag {
  const chain = sliceKeyedChain(transformation);
  const given = ids === null ? null : unitNames.map((unit) => ids[unit]).values();
  const dag = createHarmonicDag(chain, readHarmonicInput(chain), {
    name,
    extends: extended,
    ...(given === null ? {} : { newId: () => given.next().value ?? "" }),
  });
  last = { journal, dag };
  return dag;
}

/** The ProtocolDAG of these ids, or a new one, whose journal is begun. */
function makeDag(task: NativeTask, journal: string, ids: UnitIds | null): { dag: HarmonicDag; prepared: PreparedNative } {
  const extended = task.extended === null ? null : readExtended(task.extended);
  const dag = dagFrom(task, journal, extended, ids);
  const made = Object.fromEntries(dag.units.map(({ unit, key }) => [unit, idOf(key)])) as Record<UnitName, string>;
  if (ids === null) beginJournal(journal, made);
  const { name, transformation } = task;
  return { dag, prepared: { name, transformation, extends: extended, ids: made, journal } };
}

function unitOf(dag: HarmonicDag, key: string): HarmonicUnit {
  const unit = dag.units.find((candidate) => candidate.key === key);
  if (unit === undefined) throw new Error(`${key} is no unit of ${dag.key}`);
  return unit;
}

function attemptsOf(dag: HarmonicDag, { journal }: PreparedNative): JournalAttempt[] {
  return inOrder(dag, readJournal(journal).attempts);
}

/** In gufe's order: units in the order of execution, attempts as made. */
function inOrder(dag: HarmonicDag, attempts: readonly JournalAttempt[]): JournalAttempt[] {
  return dag.units.flatMap(({ unit }) => attempts.filter((attempt) => attempt.unit === unit));
}

function successes(attempts: readonly JournalAttempt[]): Map<UnitName, UnitDone> {
  const done = new Map<UnitName, UnitDone>();
  for (const { unit, element } of attempts) {
    const success = unitDone(element);
    if (success !== null) done.set(unit, success);
  }
  return done;
}

function finishedUnits(dag: HarmonicDag, attempts: readonly JournalAttempt[], retries: number): NativeUnitResult[] {
  const done = successes(attempts);
  return dag.units.flatMap((unit) => {
    const made = attempts.filter((attempt) => attempt.unit === unit.unit).length;
    const ok = done.has(unit.unit);
    if (!ok && made <= retries) return [];
    return [{ unit: unit.key, ok, attempts: made, exception: ok ? null : "failed before" }];
  });
}

function idOf(key: string): string {
  return key.slice(key.indexOf("-") + 1);
}

/** Key and generation of the result that is gone on from. */
function readExtended(bytes: Uint8Array): { key: string; generation: number } {
  const chain = storedChain(bytes);
  const units = objectOf(parseJson(chain.root.text), chain.root.key).get("protocol_unit_results");
  if (!isJsonArray(units)) throw new InvalidHarmonicInput("extends", "is not a ProtocolDAGResult");
  const generations = units.map((unit) => {
    const key = referenceOf(unit, "extends.protocol_unit_results");
    const entry = chain.entries.find((candidate) => candidate.key === key);
    if (entry?.qualname !== "ProtocolUnitResult") return -1;
    const dict = objectOf(parseJson(entry.text), key);
    const generation = objectOf(dict.get("outputs"), `${key}.outputs`).get("generation");
    return dict.get("name") === "setup" && generation instanceof JsonNumber ? generation.toNumber() : -1;
  });
  return { key: chain.root.key, generation: Math.max(-1, ...generations) };
}

/** A stored result: a zstd frame of a keyed chain, or the oldest form, JSON of the nested dict (compute-api §4). */
function storedChain(bytes: Uint8Array): KeyedChain {
  const isZstd = zstdContentSize(bytes.subarray(0, 18)) !== undefined;
  const text = new TextDecoder().decode(isZstd ? decompressZstd(bytes, { maxBytes: largestExtended }) : bytes);
  return keyedChainFromText(text);
}
