import {
  isJsonArray,
  isJsonObject,
  type Json,
  JsonNumber,
  type JsonObject,
  type KeyedChain,
  parseJson,
} from "@alchemiscale/gufe";
import type { Well } from "./switching.ts";
import { convert, InvalidUnit } from "./unit-conversion.ts";

export const harmonicModule = "alchemiscale_harmonic";
export const harmonicProtocol = "HarmonicSwitchingProtocol";
const wellClass = "HarmonicWellComponent";

const energy = "kilocalorie_per_mole";
const length = "nanometer";
const unitNames = ["setup", "forward", "reverse", "analysis"] as const;

export type UnitName = (typeof unitNames)[number];

/** A Transformation that the native protocol cannot run, or a result that it cannot read. */
export class InvalidHarmonicInput extends Error {
  override readonly name = "InvalidHarmonicInput";
  /** Where: `stateA`, `settings.switching_settings.n_steps`, … */
  readonly field: string;

  constructor(field: string, message: string) {
    super(`${field}: ${message}`);
    this.field = field;
  }
}

export interface HarmonicSettings {
  /** K */
  readonly temperature: number;
  /** Switches in each direction. */
  readonly switches: number;
  readonly steps: number;
  /** ps */
  readonly timestep: number;
  /** nm²/ps */
  readonly diffusionCoefficient: number;
  /** The unit that is made to fail. */
  readonly failUnit: UnitName | null;
  readonly failureProbability: number;
  /** Seconds that each switching unit waits before it starts. */
  readonly pause: number;
  /** Decimal digits; null draws a new seed for each DAG. */
  readonly seed: string | null;
}

/** A Transformation of the native protocol, as numbers, with the pieces of JSON that its units repeat. */
export interface HarmonicInput {
  readonly transformationKey: string;
  readonly stateA: { readonly key: string; readonly well: Well };
  readonly stateB: { readonly key: string; readonly well: Well };
  readonly settings: HarmonicSettings;
  /** The Protocol's settings as they were submitted. */
  readonly settingsJson: Json;
}

/**
 * Reads the root of a chain, a Transformation or NonTransformation with a HarmonicSwitchingProtocol. The rules are those of the
 * Python class (docs/native-protocol.md).
 * @throws {InvalidHarmonicInput}
 */
export function readHarmonicInput(chain: KeyedChain): HarmonicInput {
  const read = (key: string) => {
    const entry = chain.entries.find((candidate) => candidate.key === key);
    if (entry === undefined) throw new InvalidHarmonicInput(key, "is not in the chain");
    return { ...entry, dict: objectOf(parseJson(entry.text), key) };
  };
  const { qualname, dict: root } = read(chain.root.key);
  const isPair = qualname === "Transformation";
  if (!isPair && qualname !== "NonTransformation") {
    throw new InvalidHarmonicInput(chain.root.key, "must be a Transformation or a NonTransformation");
  }
  const protocol = read(referenceOf(root.get("protocol"), "protocol"));
  if (protocol.qualname !== harmonicProtocol || protocol.module !== harmonicModule) {
    throw new InvalidHarmonicInput(
      "protocol",
      `the native executor runs ${harmonicModule}.${harmonicProtocol}; this is ${protocol.module}.${protocol.qualname}`,
    );
  }
  const mapping = root.get("mapping") ?? null;
  if (mapping !== null && !(isJsonArray(mapping) && mapping.length === 0)) {
    throw new InvalidHarmonicInput("mapping", "HarmonicSwitchingProtocol takes no mapping");
  }
  const state = (member: string) => {
    const key = referenceOf(root.get(member), member);
    const components = objectOf(read(key).dict.get("components"), `${member}.components`);
    const [component, ...others] = [...components.values()].map((value) => read(referenceOf(value, `${member}.components`)));
    if (component?.qualname !== wellClass || component.module !== harmonicModule || others.length > 0) {
      throw new InvalidHarmonicInput(member, `must hold exactly one component, a ${wellClass}`);
    }
    return { key, well: readWell(component.dict, `${member}.${component.key}`) };
  };
  const stateA = state(isPair ? "stateA" : "system");
  const stateB = state(isPair ? "stateB" : "system");
  const [a, b] = [stateA.well.center.length, stateB.well.center.length];
  if (a !== b) {
    throw new InvalidHarmonicInput("stateB", `both wells must have the same number of dimensions; they have ${a} and ${b}`);
  }
  const settingsJson = protocol.dict.get("settings") ?? null;
  return { transformationKey: chain.root.key, stateA, stateB, settings: readSettings(settingsJson), settingsJson };
}

function readWell(dict: JsonObject, field: string): Well {
  const forceConstant = quantityIn(dict.get("force_constant"), `${energy} / ${length} ** 2`, `${field}.force_constant`);
  if (!(forceConstant > 0)) throw new InvalidHarmonicInput(`${field}.force_constant`, `must be above 0; it is ${forceConstant}`);
  const center = dict.get("center");
  if (!isJsonArray(center) || center.length < 1 || center.length > 8) {
    throw new InvalidHarmonicInput(`${field}.center`, "must have 1 to 8 coordinates");
  }
  return {
    forceConstant,
    center: center.map((coordinate, d) => quantityIn(coordinate, length, `${field}.center[${d}]`)),
    offset: quantityIn(dict.get("offset"), energy, `${field}.offset`),
  };
}

function readSettings(json: Json): HarmonicSettings {
  const settings = objectOf(json, "settings");
  const group = (name: string) => objectOf(settings.get(name), `settings.${name}`);
  const thermo = group("thermo_settings");
  const switching = group("switching_settings");
  const failure = group("failure_settings");
  const at = (name: string) => `settings.switching_settings.${name}`;
  const failUnit = failure.get("fail_unit") ?? null;
  if (failUnit !== null && !isUnitName(failUnit)) {
    throw new InvalidHarmonicInput("settings.failure_settings.fail_unit", `must be null or one of ${unitNames.join(", ")}`);
  }
  const seed = settings.get("seed") ?? null;
  if (seed !== null && !(seed instanceof JsonNumber && seed.isInteger && !seed.text.startsWith("-"))) {
    throw new InvalidHarmonicInput("settings.seed", "must be null or an integer of at least 0");
  }
  return {
    temperature: positive(
      quantityIn(thermo.get("temperature"), "kelvin", "settings.thermo_settings.temperature"),
      "settings.thermo_settings.temperature",
    ),
    switches: positiveInteger(switching.get("n_switches"), at("n_switches")),
    steps: positiveInteger(switching.get("n_steps"), at("n_steps")),
    timestep: positive(quantityIn(switching.get("timestep"), "picosecond", at("timestep")), at("timestep")),
    diffusionCoefficient: positive(
      quantityIn(switching.get("diffusion_coefficient"), "nanometer ** 2 / picosecond", at("diffusion_coefficient")),
      at("diffusion_coefficient"),
    ),
    failUnit,
    failureProbability: numberOf(failure.get("failure_probability"), "settings.failure_settings.failure_probability"),
    // Long waits are cut off where timers would overflow.
    pause: Math.min(Math.max(quantityIn(failure.get("pause"), "second", "settings.failure_settings.pause"), 0), 2_000_000),
    seed: seed === null ? null : seed.text,
  };
}

function isUnitName(value: Json): value is UnitName {
  return unitNames.some((name) => name === value);
}

/** Magnitude of a quantity in `unit`, which it is converted to where it has another. */
function quantityIn(value: Json | undefined, unit: string, field: string): number {
  const quantity = objectOf(value, field);
  const given = quantity.get("unit");
  const magnitude = numberOf(quantity.get("magnitude"), field);
  try {
    return convert(magnitude, String(given), unit);
  } catch (error) {
    if (error instanceof InvalidUnit) throw new InvalidHarmonicInput(field, error.message);
    throw error;
  }
}

export function numberOf(value: Json | undefined, field: string): number {
  const number = value instanceof JsonNumber ? value.toNumber() : Number.NaN;
  if (!Number.isFinite(number)) throw new InvalidHarmonicInput(field, "must be a finite number");
  return number;
}

function positive(value: number, field: string): number {
  if (!(value > 0)) throw new InvalidHarmonicInput(field, `must be above 0; it is ${value}`);
  return value;
}

function positiveInteger(value: Json | undefined, field: string): number {
  const number = numberOf(value, field);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidHarmonicInput(field, `must be an integer above 0; it is ${number}`);
  return number;
}

export function objectOf(value: Json | undefined, field: string): JsonObject {
  if (!isJsonObject(value)) throw new InvalidHarmonicInput(field, "must be an object");
  return value;
}

export function referenceOf(value: Json | undefined, field: string): string {
  const key = isJsonObject(value) ? value.get(":gufe-key:") : undefined;
  if (typeof key !== "string") throw new InvalidHarmonicInput(field, "must be a reference to another object");
  return key;
}
