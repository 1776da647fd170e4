import { isJsonArray, type JsonObject, type KeyedChain, parseJson, sliceKeyedChain } from "@alchemiscale/gufe";
import { bar } from "./bar.ts";
import { InvalidHarmonicInput, numberOf, objectOf, quantityIn, readHarmonicInput, referenceOf } from "./harmonic-input.ts";
import { gasConstant, wellDifference } from "./switching.ts";

export interface FreeEnergyEstimate {
  readonly estimate: number;
  /** Asymptotic standard error. */
  readonly uncertainty: number;
  readonly unit: "kilocalorie_per_mole";
}

/** The work of one DAG's switches, in kT. */
interface Repeat {
  readonly seed: string;
  readonly temperature: number;
  readonly forward: readonly number[];
  readonly reverse: readonly number[];
}

/**
 * The free energy difference of a Transformation from its results: BAR on the pooled work of those that are ok; results with one seed
 * hold the same numbers and count once (docs/native-protocol.md; what `gather` of the Python class gives).
 * @param results keyed chain texts of ProtocolDAGResults of one Transformation.
 * @returns null when none is ok.
 * @throws {InvalidHarmonicInput} for results of another protocol, or at different temperatures.
 * @throws {OverlapError}
 */
export function harmonicEstimate(results: readonly string[]): FreeEnergyEstimate | null {
  const repeats = new Map<string, Repeat>();
  for (const text of results) {
    const repeat = readRepeat(sliceKeyedChain(text));
    if (repeat !== null && !repeats.has(repeat.seed)) repeats.set(repeat.seed, repeat);
  }
  // In the order of the seeds: sums must not depend on the order of the results.
  const ordered = [...repeats.values()].sort((a, b) => (a.seed < b.seed ? -1 : 1));
  const [first, ...others] = ordered;
  if (first === undefined) return null;
  for (const { temperature } of others) {
    if (temperature !== first.temperature) {
      throw new InvalidHarmonicInput("temperature", `results at ${first.temperature} K and at ${temperature} K cannot be pooled`);
    }
  }
  const { difference, error } = bar(
    ordered.flatMap((repeat) => repeat.forward),
    ordered.flatMap((repeat) => repeat.reverse),
  );
  const kt = gasConstant * first.temperature;
  return { estimate: kt * difference, uncertainty: kt * error, unit: "kilocalorie_per_mole" };
}

/**
 * The analytic free energy difference, kcal/mol, of a Transformation with the native protocol.
 * @param transformation keyed chain text.
 * @throws {InvalidHarmonicInput}
 */
export function exactFreeEnergy(transformation: string): number {
  const { stateA, stateB, settings } = readHarmonicInput(sliceKeyedChain(transformation));
  return wellDifference(stateA.well, stateB.well, settings.temperature);
}

/** Null when the result is not ok. */
function readRepeat(chain: KeyedChain): Repeat | null {
  const entries = new Map(chain.entries.map((entry) => [entry.key, entry]));
  const root = objectOf(parseJson(chain.root.text), chain.root.key);
  const referenced = (member: string) => {
    const list = root.get(member);
    if (!isJsonArray(list))
      throw new InvalidHarmonicInput(chain.root.key, `${member} must be a list; is this a ProtocolDAGResult?`);
    return list.map((item) => referenceOf(item, member));
  };
  const succeeded = new Map<string, JsonObject>();
  const outputs = new Map<unknown, JsonObject>();
  for (const key of referenced("protocol_unit_results")) {
    const entry = entries.get(key);
    if (entry?.qualname !== "ProtocolUnitResult") continue;
    const dict = objectOf(parseJson(entry.text), key);
    succeeded.set(String(dict.get("source_key")), dict);
    if (!outputs.has(dict.get("name"))) outputs.set(dict.get("name"), objectOf(dict.get("outputs"), `${key}.outputs`));
  }
  if (!referenced("protocol_units").every((unit) => succeeded.has(unit))) return null;
  const of = (name: "forward" | "reverse") => {
    const found = outputs.get(name);
    if (found === undefined) throw new InvalidHarmonicInput(chain.root.key, `has no unit '${name}'`);
    return found;
  };
  const work = (name: "forward" | "reverse") => {
    const values = of(name).get("reduced_work");
    if (!isJsonArray(values)) throw new InvalidHarmonicInput(`${name}.reduced_work`, "must be a list");
    return values.map((value) => numberOf(value, `${name}.reduced_work`));
  };
  return {
    seed: String(of("forward").get("seed")),
    temperature: quantityIn(of("forward").get("temperature"), "kelvin", "forward.temperature"),
    forward: work("forward"),
    reverse: work("reverse"),
  };
}
