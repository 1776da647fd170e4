import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { gasConstant, harmonicBar } from "@alchemiscale/analysis";
import { isJsonArray, type Json, type JsonObject, joinKeyedChain, parseJson, writeJson } from "@alchemiscale/gufe";
import { datetime, float, integer, object, quantity, reference } from "./gufe-values.ts";
import { type ChainElement, type HarmonicDag, type HarmonicUnit, hashedElement } from "./harmonic-dag.ts";
import { type HarmonicSettings, numberOf, objectOf, type UnitName } from "./harmonic-input.ts";
import { type Schedule, switchingWork } from "./switching.ts";
import { type Direction, trajectoryStream } from "./trajectory-stream.ts";

export interface ExecutionOptions {
  /** Seed text for settings without one, of the characters `0-9 a-z A-Z . _ -`; default: random. */
  readonly seed?: string;
  /** 32 hexadecimal digits. */
  readonly newId?: () => string;
  readonly now?: () => Temporal.PlainDateTime;
  /** Uniform on [0, 1); decides on failures on demand, not on the science. */
  readonly random?: () => number;
}

export interface ExecutedDag {
  /** Keyed chain of the ProtocolDAGResult. */
  readonly chain: string;
  readonly key: string;
  readonly ok: boolean;
}

/** The failure asked for by `failure_settings`. */
class InjectedFailure extends Error {
  override readonly name = "InjectedFailure";
}

/** A success, for the units that depend on it. */
export interface UnitDone {
  /** Key of the ProtocolUnitResult. */
  readonly key: string;
  readonly outputs: JsonObject;
}

/** One attempt of a unit: a ProtocolUnitResult or a ProtocolUnitFailure. */
export interface UnitAttempt {
  readonly element: ChainElement;
  /** Null for a failure. */
  readonly done: UnitDone | null;
  /** Class and message; null for a success. */
  readonly exception: string | null;
}

/** Runs a unit once. `done` has the units that it depends on; an attempt that throws is a ProtocolUnitFailure (spec: gufe §4.3). */
export async function attemptHarmonicUnit(
  unit: HarmonicUnit,
  dag: HarmonicDag,
  done: ReadonlyMap<UnitName, UnitDone>,
  options: ExecutionOptions = {},
): Promise<UnitAttempt> {
  const { newId = newUuid, now = localNow, random = Math.random } = options;
  const start = now();
  const attempt = await attempted(async () => {
    failOnDemand(unit.unit, dag.input.settings, random);
    return run(unit.unit, dag, done, options.seed);
  });
  const element = attemptElement(unit, inputsOf(unit, done), attempt, start, now(), newId);
  if ("outputs" in attempt) return { element, done: { key: element.key, outputs: attempt.outputs }, exception: null };
  return { element, done: null, exception: `${attempt.error.name}: ${attempt.error.message}` };
}

/** The failure of an attempt that did not live to report it. */
export function failedHarmonicUnit(
  unit: HarmonicUnit,
  done: ReadonlyMap<UnitName, UnitDone>,
  error: Error,
  started: Temporal.PlainDateTime,
): ChainElement {
  return attemptElement(unit, inputsOf(unit, done), { error }, started, localNow(), newUuid);
}

/** A success as it was written: what units that depend on it need. */
export function unitDone(element: ChainElement): UnitDone | null {
  if (!element.key.startsWith("ProtocolUnitResult-")) return null;
  return { key: element.key, outputs: objectOf(objectOf(parseJson(element.text), element.key).get("outputs"), element.key) };
}

/** The ProtocolDAGResult of the attempts made, which are in gufe's order. */
export function harmonicDagResult(dag: HarmonicDag, attempts: readonly ChainElement[]): ExecutedDag {
  const result = hashedElement("ProtocolDAGResult", {
    name: dag.name,
    protocol_units: dag.units.map((unit) => reference(unit.key)),
    protocol_unit_results: attempts.map((element) => reference(element.key)),
    transformation_key: dag.input.transformationKey,
    extends_key: dag.extendsKey,
  });
  const successes = attempts.filter(({ key }) => key.startsWith("ProtocolUnitResult-"));
  return {
    chain: joinKeyedChain([...dag.elements, ...attempts, result]),
    key: result.key,
    ok: successes.length === dag.units.length,
  };
}

function newUuid(): string {
  return randomUUID().replaceAll("-", "");
}

function localNow(): Temporal.PlainDateTime {
  return Temporal.Now.plainDateTimeISO();
}

type Attempt = { readonly outputs: JsonObject } | { readonly error: Error };

async function attempted(work: () => Promise<JsonObject>): Promise<Attempt> {
  try {
    return { outputs: await work() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function failOnDemand(unit: UnitName, settings: HarmonicSettings, random: () => number): void {
  // Not from the seed: a retry must be able to succeed.
  if (settings.failUnit === unit && random() < settings.failureProbability) {
    throw new InjectedFailure(
      `unit '${unit}' failed on demand (failure_settings.fail_unit, failure_probability ${float(settings.failureProbability).text})`,
    );
  }
}

type Done = ReadonlyMap<UnitName, UnitDone>;

async function run(unit: UnitName, dag: HarmonicDag, done: Done, suppliedSeed: string | undefined): Promise<JsonObject> {
  if (unit === "setup") return settleSeed(dag, suppliedSeed);
  if (unit === "analysis") return analyse(dag, done);
  return switchAll(unit, dag, seedOf(done, "setup"));
}

function settleSeed(dag: HarmonicDag, suppliedSeed: string | undefined): JsonObject {
  const { seed } = dag.input.settings;
  // A DAG that extends another goes on with other numbers.
  const continued = seed === null || dag.generation === 0 ? seed : `${seed}.${dag.generation}`;
  return object({ seed: continued ?? suppliedSeed ?? randomBytes(16).toString("hex"), generation: integer(dag.generation) });
}

async function switchAll(direction: Direction, dag: HarmonicDag, seed: string): Promise<JsonObject> {
  const { settings, stateA, stateB } = dag.input;
  if (settings.pause > 0) await pause(1000 * settings.pause);
  const [start, end] = direction === "forward" ? [stateA.well, stateB.well] : [stateB.well, stateA.well];
  const schedule: Schedule = settings;
  const work = Array.from({ length: settings.switches }, (_, index) =>
    switchingWork(start, end, schedule, trajectoryStream(seed, direction, index)),
  );
  return object({ direction, seed, temperature: quantity(settings.temperature, "kelvin"), reduced_work: work.map(float) });
}

function analyse(dag: HarmonicDag, done: Done): JsonObject {
  const { difference, error } = harmonicBar(workOf(done, "forward"), workOf(done, "reverse"));
  const kt = gasConstant * dag.input.settings.temperature;
  return object({
    unit_estimate: quantity(kt * difference, "kilocalorie_per_mole"),
    unit_estimate_error: quantity(kt * error, "kilocalorie_per_mole"),
    seed: seedOf(done, "forward"),
    generation: integer(dag.generation),
  });
}

function seedOf(done: Done, unit: UnitName): string {
  return String(done.get(unit)?.outputs.get("seed"));
}

function workOf(done: Done, unit: Direction): number[] {
  const work = done.get(unit)?.outputs.get("reduced_work");
  return isJsonArray(work) ? work.map((value) => numberOf(value, `${unit}.reduced_work`)) : [];
}

/** The inputs with each unit replaced by its result, as gufe hands them to `_execute`. */
function inputsOf(unit: HarmonicUnit, done: Done): Json {
  const results = unit.dependencies.map((name) => [name, reference(done.get(name)?.key ?? "")] as const);
  return object({ ...unit.inputs, ...Object.fromEntries(results) });
}

function attemptElement(
  unit: HarmonicUnit,
  inputs: Json,
  attempt: Attempt,
  start: Temporal.PlainDateTime,
  end: Temporal.PlainDateTime,
  newId: () => string,
): ChainElement {
  const qualname = "outputs" in attempt ? "ProtocolUnitResult" : "ProtocolUnitFailure";
  const key = `${qualname}-${newId()}`;
  const dict = object({
    name: unit.unit,
    _key: key,
    source_key: unit.key,
    inputs,
    outputs: "outputs" in attempt ? attempt.outputs : object({}),
    stderr: object({}),
    stdout: object({}),
    start_time: datetime(start),
    end_time: datetime(end),
    ...("error" in attempt
      ? { exception: [attempt.error.name, [attempt.error.message]], traceback: attempt.error.stack ?? String(attempt.error) }
      : {}),
    __qualname__: qualname,
    __module__: "gufe.protocols.protocolunit",
    ":version:": integer(1),
  });
  return { key, text: writeJson(dict) };
}
