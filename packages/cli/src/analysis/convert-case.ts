import { type AffinityType, affinityTypes, affinityUnits, convertAffinity, InvalidInput } from "@alchemiscale/analysis";
import { numberAt, objectAt, wholeCase } from "./table-cases.ts";

/** What `analysis convert` prints of one affinity. */
export interface ConvertOutput {
  readonly from: AffinityType;
  readonly to: AffinityType;
  /** Value and σ rounded to two decimals where the type changes, as cinnabar gives them. */
  readonly result: readonly [number, number | null];
  readonly result_unit: string;
  /** The same as they are. */
  readonly exact: readonly [number, number | null];
}

/** One measure of affinity as another. @throws {InvalidInput} */
export function convertOf(value: unknown): ConvertOutput {
  const fields = objectAt(value, wholeCase);
  const from = typeAt(fields.from, "from");
  const to = typeAt(fields.to, "to");
  const sigma = fields.sigma === undefined || fields.sigma === null ? null : numberAt(fields.sigma, "sigma");
  const temperature = fields.temperature === undefined ? undefined : numberAt(fields.temperature, "temperature");
  if (fields.unit !== undefined && fields.unit !== affinityUnits[from])
    throw new InvalidInput("unit", `is ${JSON.stringify(fields.unit)}; ${from} is given in ${affinityUnits[from]}`);
  const given = numberAt(fields.value, "value");
  const converted = convertAffinity({ value: given, sigma }, from, to, temperature);
  if (!Number.isFinite(converted.value) || (converted.sigma !== null && !Number.isFinite(converted.sigma)))
    throw new InvalidInput("value", `is ${given}; as ${to} it is too large for a number`);
  const shown = (each: number): number => (from === to ? each : roundedToEven(each));
  return {
    from,
    to,
    result: [shown(converted.value), converted.sigma === null ? null : shown(converted.sigma)],
    result_unit: affinityUnits[to],
    exact: [converted.value, converted.sigma],
  };
}

function typeAt(value: unknown, field: string): AffinityType {
  const type = affinityTypes.find((each) => each === value);
  if (type === undefined)
    throw new InvalidInput(field, `is ${JSON.stringify(value)}; it must be one of ${affinityTypes.join(", ")}`);
  return type;
}

/** To two decimals as NumPy does: a half goes to the even neighbour. */
function roundedToEven(value: number): number {
  const scaled = value * 100;
  const below = Math.floor(scaled);
  const rest = scaled - below;
  const whole = rest === 0.5 ? below + (below % 2 === 0 ? 0 : 1) : Math.round(scaled);
  return whole / 100;
}
