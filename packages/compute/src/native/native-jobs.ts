import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  isJsonArray,
  JsonNumber,
  joinKeyedChain,
  type KeyedChain,
  keyedChainFromText,
  parseJson,
  sliceKeyedChain,
} from "@alchemiscale/gufe";
import { decompressZstd, zstdContentSize } from "@alchemiscale/gufe/zstd";
import {
  attemptHarmonicUnit,
  type ExecutedDag,
  failedHarmonicUnit,
  harmonicDagResult,
  type UnitDone,
  unitDone,
} from "./execute-harmonic-units.ts";
import { type ChainElement, createHarmonicDag, type HarmonicDag, type HarmonicUnit } from "./harmonic-dag.ts";
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
  /** 32 hexadecimal digits each. */
  readonly ids: Readonly<Record<UnitName, string>>;
  /** Where `dag.json` and `units/` are. */
  readonly directory: string;
}

/** What the threads are asked to do. */
export type NativeJob =
  | {
      readonly job: "prepare";
      readonly task: NativeTask;
      readonly directory: string;
      readonly resume: boolean;
      readonly retries: number;
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

const dagFile = "dag.json";
const unitsDirectory = "units";
const unitNames: readonly UnitName[] = ["setup", "forward", "reverse", "analysis"];
/** Results of the native protocol are small; anything near this is none of them. */
const largestExtended = 256 * 1024 * 1024;

/**
 * Makes the ProtocolDAG, or the one that is in `directory` again. Throws where none can be made: an unreadable
 * chain (`GufeError`), another Protocol or settings out of range ({@link InvalidHarmonicInput}).
 */
export function prepareNative(
  task: NativeTask,
  directory: string,
  options: { readonly resume: boolean; readonly retries: number },
): NativeDag {
  const chain = sliceKeyedChain(task.transformation);
  const extended = task.extended === null ? null : readExtended(task.extended);
  const source = { name: task.name, transformation: task.transformation, extends: extended, directory };
  const file = join(directory, dagFile);
  const before = options.resume ? idsOf(sliceKeyedChain(readFileSync(file, "utf8"))) : null;
  const ids = before?.values();
  const dag = createHarmonicDag(chain, readHarmonicInput(chain), {
    name: task.name,
    extends: extended,
    ...(ids === undefined ? {} : { newId: () => ids.next().value ?? "" }),
  });
  const byName = Object.fromEntries(dag.units.map(({ unit, key }) => [unit, idOf(key)])) as Record<UnitName, string>;
  const prepared: PreparedNative = { ...source, ids: byName };
  if (before === null) {
    mkdirSync(join(directory, unitsDirectory), { recursive: true });
    writeWhole(file, joinKeyedChain([...dag.elements, dag.element]));
  }
  last = { directory, dag };
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
    finished: before === null ? [] : finishedUnits(dag, prepared, options.retries),
  };
}

/** Runs a unit until an attempt succeeds or none is left; each attempt is on disk before the next begins. */
export async function runNativeUnit(
  prepared: PreparedNative,
  unitKey: string,
  options: { readonly retries: number; readonly seed: string | null },
): Promise<NativeUnitResult> {
  const dag = dagOf(prepared);
  const unit = unitOf(dag, unitKey);
  const before = attemptsOf(dag, prepared);
  const done = successes(before);
  for (let attempt = before.filter((other) => other.unit === unit).length; ; attempt += 1) {
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
    writeAttempt(dag, prepared, unit, attempt, made.element, about);
    if (made.done !== null || attempt >= options.retries) {
      return { unit: unitKey, ok: made.done !== null, attempts: attempt + 1, exception: made.exception };
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
  const attempt = before.filter((other) => other.unit === unit).length;
  const error = new Error(failure.message);
  error.name = failure.exception;
  error.stack = `${failure.exception}: ${failure.message}`;
  const element = failedHarmonicUnit(unit, successes(before), error, Temporal.PlainDateTime.from(failure.started));
  const exception = error.stack;
  const about = { unit: unit.key, name: unit.unit, attempt, ok: false, exception };
  writeAttempt(dag, prepared, unit, attempt, element, about);
  return { unit: unitKey, ok: false, attempts: attempt + 1, exception };
}

/** The ProtocolDAGResult of what is on disk. */
export function assembleNative(prepared: PreparedNative): ExecutedDag {
  const dag = dagOf(prepared);
  const attempts = attemptsOf(dag, prepared);
  return harmonicDagResult(
    dag,
    attempts.map(({ element }) => element),
  );
}

/** The ProtocolDAG that this thread had last: mostly the one that it is asked for next. */
let last: { readonly directory: string; readonly dag: HarmonicDag } | null = null;

function dagOf(prepared: PreparedNative): HarmonicDag {
  if (last?.directory === prepared.directory && last.dag.units.every(({ unit, key }) => idOf(key) === prepared.ids[unit])) {
    return last.dag;
  }
  const chain = sliceKeyedChain(prepared.transformation);
  const ids = unitNames.map((name) => prepared.ids[name]).values();
  const dag = createHarmonicDag(chain, readHarmonicInput(chain), {
    name: prepared.name,
    extends: prepared.extends,
    newId: () => ids.next().value ?? "",
  });
  last = { directory: prepared.directory, dag };
  return dag;
}

function unitOf(dag: HarmonicDag, key: string): HarmonicUnit {
  const unit = dag.units.find((candidate) => candidate.key === key);
  if (unit === undefined) throw new Error(`${key} is no unit of ${dag.key}`);
  return unit;
}

interface AttemptOnDisk {
  readonly unit: HarmonicUnit;
  readonly element: ChainElement;
}

/** In gufe's order: units in the order of execution, attempts as made. */
function attemptsOf(dag: HarmonicDag, { directory }: PreparedNative): AttemptOnDisk[] {
  const names = readdirSync(join(directory, unitsDirectory))
    .filter((name) => name.endsWith(".json"))
    .sort();
  const attempts: AttemptOnDisk[] = [];
  for (const name of names) {
    const unit = dag.units[Number(name.slice(0, 4))];
    if (unit === undefined) continue;
    const text = readFileSync(join(directory, unitsDirectory, name), "utf8");
    const key = objectOf(parseJson(text), name).get("_key");
    attempts.push({ unit, element: { key: String(key), text } });
  }
  return attempts;
}

function successes(attempts: readonly AttemptOnDisk[]): Map<UnitName, UnitDone> {
  const done = new Map<UnitName, UnitDone>();
  for (const { unit, element } of attempts) {
    const success = unitDone(element);
    if (success !== null) done.set(unit.unit, success);
  }
  return done;
}

function finishedUnits(dag: HarmonicDag, prepared: PreparedNative, retries: number): NativeUnitResult[] {
  const attempts = attemptsOf(dag, prepared);
  const done = successes(attempts);
  return dag.units.flatMap((unit) => {
    const made = attempts.filter((attempt) => attempt.unit === unit).length;
    const ok = done.has(unit.unit);
    if (!ok && made <= retries) return [];
    return [{ unit: unit.key, ok, attempts: made, exception: ok ? null : "failed before" }];
  });
}

function writeAttempt(
  dag: HarmonicDag,
  { directory }: PreparedNative,
  unit: HarmonicUnit,
  attempt: number,
  element: ChainElement,
  about: Readonly<Record<string, unknown>>,
): void {
  const index = String(dag.units.indexOf(unit)).padStart(4, "0");
  const stem = join(directory, unitsDirectory, `${index}-${unit.key}-attempt-${attempt}`);
  writeWhole(`${stem}.provenance`, JSON.stringify(about));
  // The element alone: what it refers to is in the files of the ProtocolDAG and of other units.
  writeWhole(`${stem}.json`, element.text);
}

/**
 * The file appears whole, for whoever reads it after this process was killed. This thread has nothing else to do meanwhile, and to wait for
 * another one to write costs ten times as much.
 */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.partial`, text);
  renameSync(`${path}.partial`, path);
}

function idOf(key: string): string {
  return key.slice(key.indexOf("-") + 1);
}

/** Ids of the units of a ProtocolDAG on disk, in the order in which they are made. */
function idsOf(chain: KeyedChain): string[] {
  const byName = new Map<unknown, string>();
  for (const entry of chain.entries) {
    if (!/^Harmonic\w+Unit$/.test(entry.qualname)) continue;
    byName.set(objectOf(parseJson(entry.text), entry.key).get("name"), idOf(entry.key));
  }
  return unitNames.map((name) => {
    const id = byName.get(name);
    if (id === undefined) throw new InvalidHarmonicInput(chain.root.key, `has no unit '${name}'`);
    return id;
  });
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
