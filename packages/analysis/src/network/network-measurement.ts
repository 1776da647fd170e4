import { InvalidInput } from "../invalid-input.ts";

/** A measured difference f(to) − f(from), or an absolute value f(to) where `from` is null. kcal/mol. */
export interface NetworkMeasurement {
  readonly from: string | null;
  readonly to: string;
  readonly value: number;
  /** Standard deviation; above 0. */
  readonly sigma: number;
}

/** A measurement between a ligand and itself says nothing of the network. */
export function isSelfMeasurement({ from, to }: NetworkMeasurement): boolean {
  return from === to;
}

/**
 * Throws where maximum likelihood has no answer: values that are not finite, and a σ of 0 or less, which no other measurement could
 * correct. Measurements of a ligand against itself are not used, and not checked. No floor is applied here.
 * @param field what to call the measurement in the error
 * @throws {InvalidInput}
 */
export function checkMeasurement(measurement: NetworkMeasurement, field: string): void {
  if (isSelfMeasurement(measurement)) return;
  const { value, sigma } = measurement;
  if (!Number.isFinite(value)) throw new InvalidInput(`${field}.value`, `is ${value}; it must be a finite number of kcal/mol`);
  if (!Number.isFinite(sigma) || sigma <= 0) {
    throw new InvalidInput(
      `${field}.sigma`,
      `is ${sigma}; maximum likelihood needs a σ above 0 for every measurement (give a floor, or leave the measurement out)`,
    );
  }
}
