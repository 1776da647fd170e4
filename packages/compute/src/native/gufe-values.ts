/** JSON of gufe values that the native protocol writes (spec: gufe §2.1). */
import { type Json, JsonNumber, type JsonObject } from "@alchemiscale/gufe";

export function object(members: Readonly<Record<string, Json>>): JsonObject {
  return new Map(Object.entries(members));
}

export function reference(key: string): JsonObject {
  return object({ ":gufe-key:": key });
}

/** A Python int. */
export function integer(value: number): JsonNumber {
  return new JsonNumber(String(value));
}

/**
 * A Python float, by the rule of its `repr`: shortest digits; positional from 1e-4 up to 1e16, always with a point; else an exponent
 * of a sign and at least two digits.
 */
export function float(value: number): JsonNumber {
  if (!Number.isFinite(value)) return new JsonNumber(Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
  if (value === 0) return new JsonNumber(Object.is(value, -0) ? "-0.0" : "0.0");
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    const digits = String(Math.abs(power)).padStart(2, "0");
    return new JsonNumber(`${mantissa}e${power < 0 ? "-" : "+"}${digits}`);
  }
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "");
  if (power < 0) return new JsonNumber(`${sign}0.${"0".repeat(-power - 1)}${digits}`);
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  return new JsonNumber(`${sign}${whole}.${digits.slice(power + 1) || "0"}`);
}

export function quantity(magnitude: number, unit: string): JsonObject {
  return object({ magnitude: float(magnitude), unit, ":is_custom:": true, pint_unit_registry: "openff_units" });
}

/** Naive local time of this host, in microseconds; the fraction is absent when it is zero, as Python writes it. */
export function datetime(time: Temporal.PlainDateTime): JsonObject {
  const whole = time.round("microsecond");
  const fraction = whole.millisecond === 0 && whole.microsecond === 0 ? 0 : 6;
  return object({
    __class__: "datetime",
    __module__: "datetime",
    ":is_custom:": true,
    isotime: whole.toString({ fractionalSecondDigits: fraction }),
  });
}
