/** Units of energy by pint's name, and what to divide by to have kcal/mol. All spellings occur. (spec/analysis.md §1) */
const divisors: ReadonlyMap<string, number> = new Map([
  ["kilocalorie_per_mole", 1],
  ["kilocalories_per_mole", 1],
  ["kilocalorie / mole", 1],
  ["kilojoule_per_mole", 4.184],
  ["kilojoule / mole", 4.184],
]);

/** An energy in kcal/mol, and whether it had to be converted; undefined where the unit is no molar energy that is known. */
export function inKilocalories(value: number, unit: string): { readonly value: number; readonly converted: boolean } | undefined {
  const divisor = divisors.get(unit);
  return divisor === undefined ? undefined : { value: value / divisor, converted: divisor !== 1 };
}
