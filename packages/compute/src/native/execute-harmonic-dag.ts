import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Json, joinKeyedChain, writeJson } from "@alchemiscale/gufe";
import { bar } from "./bar.ts";
import { datetime, float, integer, object, quantity, reference } from "./gufe-values.ts";
import { type ChainElement, type HarmonicDag, type HarmonicUnit, hashedElement } from "./harmonic-dag.ts";
import type { HarmonicSettings, UnitName } from "./harmonic-input.ts";
import { type Direction, RandomStream } from "./random-stream.ts";
import { gasConstant, type Schedule, switchingWork } from "./switching.ts";

export interface ExecutionOptions {
  /** Attempts after the first, for each unit. */
  readonly retries: number;
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

/** What units hand to those that depend on them. */
interface Outputs {
  seed?: string;
  readonly work: Partial<Record<Direction, readonly number[]>>;
}

/**
 * Runs a DAG's units one after another. An attempt that throws becomes a ProtocolUnitFailure; the first unit to fail `retries + 1`
 * times ends the run (spec: gufe §4.3). Every attempt is kept in the result.
 */
export async function executeHarmonicDag(dag: HarmonicDag, options: ExecutionOptions): Promise<ExecutedDag> {
  const {
    newId = () => randomUUID().replaceAll("-", ""),
    now = () => Temporal.Now.plainDateTimeISO(),
    random = Math.random,
  } = options;
  const attempts: ChainElement[] = [];
  const done = new Map<UnitName, string>();
  const outputs: Outputs = { work: {} };
  for (const unit of dag.units) {
    for (let attempt = 0; attempt <= options.retries && !done.has(unit.unit); attempt += 1) {
      const start = now();
      const result = await attempted(async () => {
        failOnDemand(unit.unit, dag.input.settings, random);
        return run(unit.unit, dag, outputs, options.seed);
      });
      const element = attemptElement(unit, inputsOf(unit, done), result, start, now(), newId);
      attempts.push(element);
      if ("outputs" in result) done.set(unit.unit, element.key);
    }
    if (!done.has(unit.unit)) break;
  }
  const result = hashedElement("ProtocolDAGResult", {
    name: dag.name,
    protocol_units: dag.units.map((unit) => reference(unit.key)),
    protocol_unit_results: attempts.map((element) => reference(element.key)),
    transformation_key: dag.input.transformationKey,
    extends_key: dag.extendsKey,
  });
  return { chain: joinKeyedChain([...dag.elements, ...attempts, result]), key: result.key, ok: done.size === dag.units.length };
}

type Attempt = { readonly outputs: Json } | { readonly error: Error };

async function attempted(work: () => Promise<Json>): Promise<Attempt> {
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

async function run(unit: UnitName, dag: HarmonicDag, outputs: Outputs, suppliedSeed: string | undefined): Promise<Json> {
  if (unit === "setup") return settleSeed(dag, outputs, suppliedSeed);
  if (unit === "analysis") return analyse(dag, outputs);
  return switchAll(unit, dag, outputs);
}

function settleSeed(dag: HarmonicDag, outputs: Outputs, suppliedSeed: string | undefined): Json {
  const { seed } = dag.input.settings;
  if (seed === null) outputs.seed = suppliedSeed ?? randomBytes(16).toString("hex");
  // A DAG that extends another goes on with other numbers.
  else outputs.seed = dag.generation === 0 ? seed : `${seed}.${dag.generation}`;
  return object({ seed: outputs.seed, generation: integer(dag.generation) });
}

async function switchAll(direction: Direction, dag: HarmonicDag, outputs: Outputs): Promise<Json> {
  const { settings, stateA, stateB } = dag.input;
  if (settings.pause > 0) await pause(1000 * settings.pause);
  const [start, end] = direction === "forward" ? [stateA.well, stateB.well] : [stateB.well, stateA.well];
  const schedule: Schedule = settings;
  const seed = outputs.seed ?? "";
  const work = Array.from({ length: settings.switches }, (_, index) =>
    switchingWork(start, end, schedule, new RandomStream(seed, direction, index)),
  );
  outputs.work[direction] = work;
  return object({ direction, seed, temperature: quantity(settings.temperature, "kelvin"), reduced_work: work.map(float) });
}

function analyse(dag: HarmonicDag, outputs: Outputs): Json {
  const { difference, error } = bar(outputs.work.forward ?? [], outputs.work.reverse ?? []);
  const kt = gasConstant * dag.input.settings.temperature;
  return object({
    unit_estimate: quantity(kt * difference, "kilocalorie_per_mole"),
    unit_estimate_error: quantity(kt * error, "kilocalorie_per_mole"),
    seed: outputs.seed ?? "",
    generation: integer(dag.generation),
  });
}

/** The inputs with each unit replaced by its result, as gufe hands them to `_execute`. */
function inputsOf(unit: HarmonicUnit, done: ReadonlyMap<UnitName, string>): Json {
  const results = unit.dependencies.map((name) => [name, reference(done.get(name) ?? "")] as const);
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
