import { InvalidInput } from "./invalid-input.ts";
import { gasConstant } from "./units/gas-constant.ts";

/**
 * How strongly a ligand binds: `dg` ΔG in kcal/mol, `ki` K_i and `ic50` IC50 in nM, `pic50` −log₁₀(IC50/1 M). K_i and IC50 are taken as the
 * same, as cinnabar takes them: exact only where the assay's substrate is far below its K_m.
 */
export const affinityTypes = ["dg", "ki", "ic50", "pic50"] as const;
export type AffinityType = (typeof affinityTypes)[number];

export interface Affinity {
  readonly value: number;
  /** Standard deviation; null where it is not known. */
  readonly sigma: number | null;
}

/** Of `affinityTypes`, by pint's names. */
export const affinityUnits: Readonly<Record<AffinityType, string>> = {
  dg: "kilocalorie_per_mole",
  ki: "nanomolar",
  ic50: "nanomolar",
  pic50: "dimensionless",
};

const nanomolar = 1e-9;

/**
 * One measure of affinity from another, σ to first order; nothing is rounded. (cinnabar 0.6.1, which rounds both to two decimals; spec/analysis.md §8)
 *
 * ΔG = RT ln(K/1 M), σ_ΔG = RT σ_K/K; pIC50 = −ΔG/(RT ln 10), σ likewise.
 * @param temperature kelvin
 * @throws {InvalidInput} for values that are not finite, constants and temperatures that are not above 0, negative σ
 */
export function convertAffinity(
  { value, sigma }: Affinity,
  from: AffinityType,
  to: AffinityType,
  temperature = 298.15,
): Affinity {
  if (!(Number.isFinite(temperature) && temperature > 0))
    throw new InvalidInput("temperature", `is ${temperature}; it must be a number of kelvin above 0`);
  if (!Number.isFinite(value)) throw new InvalidInput("value", `is ${value}; it must be a finite number`);
  if (isConcentration(from) && value <= 0) throw new InvalidInput("value", `is ${value}; a concentration in nM must be above 0`);
  if (sigma !== null && !(Number.isFinite(sigma) && sigma >= 0))
    throw new InvalidInput("sigma", `is ${sigma}; it must be a number, 0 or above`);
  if (from === to || (isConcentration(from) && isConcentration(to))) return { value, sigma };

  // All by way of ln K, K in mol/l.
  const rt = gasConstant * temperature;
  const scale = (type: AffinityType): number => (type === "dg" ? rt : -1 / Math.LN10);
  const lnK = isConcentration(from) ? Math.log(value * nanomolar) : value / scale(from);
  const sigmaLnK = sigma === null ? null : isConcentration(from) ? sigma / value : sigma / Math.abs(scale(from));
  const times = (factor: number): number | null => (sigmaLnK === null ? null : sigmaLnK * factor);
  if (!isConcentration(to)) return { value: lnK * scale(to), sigma: times(Math.abs(scale(to))) };
  const concentration = Math.exp(lnK) / nanomolar;
  return { value: concentration, sigma: times(concentration) };
}

/** A difference of affinities: −ΔΔG/(RT ln 10), the change in pIC50. */
export function convertDifferenceToPic50(difference: Affinity, temperature = 298.15): Affinity {
  return convertAffinity(difference, "dg", "pic50", temperature);
}

function isConcentration(type: AffinityType): boolean {
  return type === "ki" || type === "ic50";
}
