/** How openfe writes repeats and legs into results: the same for all its protocols, with two older layouts. (spec/analysis.md §2) */
import { isJsonObject } from "@alchemiscale/gufe";
import type { Flag } from "../readings/flag.ts";
import { energies, energyOutput, integerOutput, numberOutput, numbers, realNumber, textOutput } from "../readings/outputs.ts";
import type { ProtocolReader, ReaderFindings, ResultContent, UnitResult } from "../readings/protocol-reader.ts";
import type { Convergence, RepeatReading } from "../readings/result-reading.ts";
import { type Leg, meanOfRepeats } from "./mean-of-repeats.ts";

/** The reader of an openfe protocol that makes estimates: the protocols differ by their legs alone. */
export function openfeReader(protocol: string, legs: readonly Leg[]): ProtocolReader {
  return {
    protocols: [protocol],
    outputs: openfeOutputs,
    read: (content) => readOpenfeRepeats(content, legs),
    estimate: (name, readings, flags) => meanOfRepeats(name, legs, readings, flags),
  };
}

/** Everything that is looked at. */
const openfeOutputs: readonly string[] = [
  "simtype",
  "repeat_id",
  "generation",
  "unit_estimate",
  "unit_estimate_error",
  "standard_state_correction",
  "standard_state_correction_A",
  "standard_state_correction_B",
  "forward_and_reverse_energies",
  "unit_mbar_overlap",
  "replica_exchange_statistics",
  "production_iterations",
  "equilibration_iterations",
];

/** Estimates of neighbouring states that overlap less are not reliable (P. V. Klimovich et al., J. Comput. Aided Mol. Des. 29 (2015) 397). */
const leastOverlap = 0.03;

/**
 * The repeats of one result. Estimates are in the units named `… Analysis …`; openfe before 1.9 had one unit for each repeat and leg, SepTop before
 * 1.11 the corrections in the `Setup` unit of the same leg and repeat.
 */
function readOpenfeRepeats(content: ResultContent, legs: readonly Leg[]): ReaderFindings {
  return new RepeatsOfResult(content, legs).findings();
}

/** Flag of results in an older layout. */
export const legacyLayout: Flag = {
  code: "legacy-layout",
  message: "written by an older openfe; the current one finds no estimate in it",
};

/** Which repeat a unit is of. */
export function repeatIdentity(unit: UnitResult): { readonly repeatId: string; readonly generation: number } {
  return { repeatId: integerOutput(unit, "repeat_id") ?? "", generation: Number(integerOutput(unit, "generation") ?? 0) };
}

class RepeatsOfResult {
  readonly #content: ResultContent;
  readonly #legs: readonly Leg[];
  readonly #flags = new Map<string, Flag>();

  constructor(content: ResultContent, legs: readonly Leg[]) {
    this.#content = content;
    this.#legs = legs;
  }

  findings(): ReaderFindings {
    const repeats = this.#units().flatMap((unit) => this.#repeat(unit) ?? []);
    return { temperature: null, work: [], repeats, flags: [...this.#flags.values()] };
  }

  #flag(code: Flag["code"], message: string): void {
    if (!this.#flags.has(code)) this.#flags.set(code, { code, message });
  }

  #units(): readonly UnitResult[] {
    const { successes } = this.#content;
    const analyses = successes.filter((unit) => unit.name.includes("Analysis"));
    const withEstimate = successes.filter((unit) => unit.outputs.has("unit_estimate") && unit.outputs.has("repeat_id"));
    if (analyses.length > 0) return analyses;
    if (withEstimate.length > 0) this.#flags.set(legacyLayout.code, legacyLayout);
    return withEstimate;
  }

  /** Undefined, and a flag, where the estimate is not there. */
  #repeat(unit: UnitResult): RepeatReading | undefined {
    const leg = this.#leg(unit);
    if (leg === undefined) return undefined;
    const estimate = this.#energy(unit, "unit_estimate");
    const id = repeatIdentity(unit);
    if (estimate === null || id.repeatId === "") {
      this.#flag("missing-estimate", `${unit.key} has no finite unit_estimate with a repeat_id; it is left out`);
      return undefined;
    }
    const corrections: Record<string, number> = {};
    for (const name of leg.corrections) {
      const value = this.#energy(this.#unitWith(unit, name), name);
      if (value === null) {
        this.#flag("missing-correction", `${unit.key} has no finite ${name}; the repeat is left out`);
        return undefined;
      }
      corrections[name] = value;
    }
    return {
      leg: leg.name,
      ...id,
      estimate,
      error: this.#energy(unit, "unit_estimate_error"),
      corrections,
      convergence: this.#convergence(unit),
      ...this.#overlap(unit),
      neighbourExchange: this.#exchange(unit),
      productionIterations: this.#iterations(unit, "production_iterations"),
      equilibrationIterations: this.#iterations(unit, "equilibration_iterations"),
    };
  }

  /** By simtype, never by name: in old results vacuum units are named "solvent leg". All that is not the first leg is the second. */
  #leg(unit: UnitResult): Leg | undefined {
    const [first, second] = this.#legs;
    if (second === undefined) return first;
    const simtype = textOutput(unit, "simtype");
    if (simtype === null) {
      this.#flag("missing-simtype", `${unit.key} does not say of which leg it is; it is left out`);
      return undefined;
    }
    const leg = simtype === first?.name ? first : second;
    if (simtype !== leg.name)
      this.#flag("other-simtype", `${unit.key} is of the leg ${JSON.stringify(simtype.slice(0, 60))}, taken for ${leg.name}`);
    return leg;
  }

  /** The unit itself, or the one of the same leg and repeat that has the output. */
  #unitWith(unit: UnitResult, output: string): UnitResult {
    if (unit.outputs.has(output)) return unit;
    const [repeat, simtype] = [integerOutput(unit, "repeat_id"), textOutput(unit, "simtype")];
    const other = this.#content.successes.find(
      (candidate) =>
        candidate.outputs.has(output) &&
        integerOutput(candidate, "repeat_id") === repeat &&
        textOutput(candidate, "simtype") === simtype,
    );
    if (other !== undefined) this.#flags.set(legacyLayout.code, legacyLayout);
    return other ?? unit;
  }

  #energy(unit: UnitResult, output: string): number | null {
    const energy = energyOutput(unit, output, this.#content.zstd);
    if (energy === null) return null;
    if (energy.converted) this.#flag("unit-conversion", `${unit.key}.outputs.${output} was converted to kcal/mol`);
    if (Number.isFinite(energy.value)) return energy.value;
    this.#flag("not-finite", `${unit.key}.outputs.${output} is ${energy.value}; it is left out`);
    return null;
  }

  #iterations(unit: UnitResult, output: string): number | null {
    const value = this.#optional(() => numberOutput(unit, output, this.#content.zstd));
    return value !== null && Number.isFinite(value) ? value : null;
  }

  /** Quality data must not stand in the way of the estimate. */
  #optional<T>(read: () => T | null, onError?: (message: string) => void): T | null {
    try {
      return read();
    } catch (error) {
      onError?.(error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  #convergence(unit: UnitResult): Convergence | null {
    const json = unit.outputs.get("forward_and_reverse_energies");
    if (!isJsonObject(json)) return null;
    const where = `${unit.key}.outputs.forward_and_reverse_energies`;
    const { zstd } = this.#content;
    const convergence = this.#optional(
      () => {
        const part = (name: string) => energies(json.get(name), `${where}.${name}`, zstd).map(finiteOrNull);
        return {
          fractions: numbers(json.get("fractions"), `${where}.fractions`, zstd).map(finiteOrNull),
          forward: part("forward_DGs"),
          forwardError: part("forward_dDGs"),
          reverse: part("reverse_DGs"),
          reverseError: part("reverse_dDGs"),
        };
      },
      (message) => this.#flag("missing-convergence", message.slice(0, 300)),
    );
    if (convergence !== null && Object.values(convergence).some((values) => values.includes(null))) {
      this.#flag("missing-convergence", `${where} has values where MBAR failed`);
    }
    return convergence;
  }

  #overlap(unit: UnitResult): { readonly overlap: number | null; readonly neighbourOverlap: number | null } {
    const json = unit.outputs.get("unit_mbar_overlap");
    if (!isJsonObject(json)) return { overlap: null, neighbourOverlap: null };
    const where = `${unit.key}.outputs.unit_mbar_overlap`;
    const { zstd } = this.#content;
    const missing = (message: string) => this.#flag("missing-overlap", message.slice(0, 300));
    const overlap = this.#optional(() => realNumber(json.get("scalar"), `${where}.scalar`, zstd), missing);
    const neighbourOverlap = this.#optional(() => besideDiagonal(numbers(json.get("matrix"), `${where}.matrix`, zstd)), missing);
    if (neighbourOverlap !== null && neighbourOverlap < leastOverlap) {
      this.#flag(
        "poor-overlap",
        `neighbouring states of ${unit.key} overlap by ${neighbourOverlap.toPrecision(2)}; it should be ${leastOverlap} at least`,
      );
    }
    return { overlap: overlap === null ? null : finiteOrNull(overlap), neighbourOverlap };
  }

  /** Null also for samplers without exchange. */
  #exchange(unit: UnitResult): number | null {
    const json = unit.outputs.get("replica_exchange_statistics");
    if (!isJsonObject(json)) return null;
    const where = `${unit.key}.outputs.replica_exchange_statistics.matrix`;
    return this.#optional(() => besideDiagonal(numbers(json.get("matrix"), where, this.#content.zstd)));
  }
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The smallest entry beside the diagonal of a square matrix; null where there is none. */
function besideDiagonal(matrix: readonly number[]): number | null {
  const n = Math.round(Math.sqrt(matrix.length));
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i + 1 < n; i++) least = Math.min(least, matrix[i * n + i + 1] as number, matrix[(i + 1) * n + i] as number);
  return Number.isFinite(least) ? least : null;
}
