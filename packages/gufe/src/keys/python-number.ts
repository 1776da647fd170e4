import type { JsonNumber } from "../json/json.ts";

/** A number as Python writes it again after reading it: `-0` is `0`, `1E5` is `100000.0`, `1e400` is `Infinity`. */
export function pythonNumber(number: JsonNumber): string {
  if (number.isInteger) return number.text === "-0" ? "0" : number.text;
  return pythonFloat(number.toNumber());
}

/**
 * Python's `repr` of a float: the shortest digits that give it back; positional between 1e-4 and 1e16 with at least one digit
 * after the point, else with a signed exponent of at least two digits. Non-finite: `NaN`, `Infinity`, `-Infinity`.
 * (spec/gufe.md §1.3)
 */
export function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa, exponentText] = Math.abs(value).toExponential().split("e") as [string, string];
  const digits = mantissa.replace(".", "");
  const exponent = Number(exponentText);
  return (value < 0 ? "-" : "") + (exponent >= -4 && exponent < 16 ? positional(digits, exponent) : scientific(digits, exponent));
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${whole}.${digits.slice(exponent + 1) || "0"}`;
}

function scientific(digits: string, exponent: number): string {
  const rest = digits.slice(1);
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits[0]}${rest === "" ? "" : `.${rest}`}e${exponent < 0 ? "-" : "+"}${size}`;
}
