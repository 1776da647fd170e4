/** The codecs of quantities and of units alone. (spec/gufe.md §2.1) */
import { ShapeError } from "../errors.ts";
import { isJsonObject, type Json, JsonNumber, type JsonObject } from "../json/json.ts";
import type { Zstd } from "./bytes.ts";
import { customMember, unitRegistry } from "./codec-markers.ts";
import {
  decodeNdArray,
  decodeNumpyScalar,
  encodeNdArray,
  encodeNumpyScalar,
  isEncodedNdArray,
  isEncodedNumpyScalar,
  NdArray,
  NumpyScalar,
} from "./ndarray.ts";

/** A number or array with a unit. `unit` is pint's long text: `kelvin`, `kilojoule / mole`, `1 / picosecond`, `dimensionless`. */
export interface Quantity {
  readonly magnitude: JsonNumber | NdArray | NumpyScalar;
  readonly unit: string;
}

/** The magnitude as a double. Throws `ShapeError` where it is an array. */
export function magnitudeOf(quantity: Quantity): number {
  const { magnitude } = quantity;
  if (magnitude instanceof JsonNumber) return magnitude.toNumber();
  const value = magnitude instanceof NumpyScalar ? magnitude.value() : undefined;
  if (typeof value !== "number" && typeof value !== "bigint")
    throw new ShapeError("codec", "magnitude", "The magnitude is not one number");
  return Number(value);
}

/** `unit_name` wins over `magnitude`: an object with both is a unit. */
export function isEncodedUnit(json: Json | undefined): json is JsonObject {
  return isOfRegistry(json) && json.has("unit_name");
}

export function isEncodedQuantity(json: Json | undefined): json is JsonObject {
  return isOfRegistry(json) && !json.has("unit_name") && json.has("magnitude") && json.has("unit");
}

export function decodeUnit(json: JsonObject): string {
  return text(json, "unit_name");
}

export function encodeUnit(unit: string): JsonObject {
  return new Map<string, Json>([
    [customMember, true],
    ["pint_unit_registry", unitRegistry],
    ["unit_name", unit],
  ]);
}

/** Throws `ShapeError` for a magnitude that is neither number nor array. */
export function decodeQuantity(json: JsonObject, zstd: Pick<Zstd, "decompress">): Quantity {
  return { magnitude: decodeMagnitude(json.get("magnitude"), zstd), unit: text(json, "unit") };
}

export function encodeQuantity(quantity: Quantity, zstd: Pick<Zstd, "compress">): JsonObject {
  const { magnitude, unit } = quantity;
  const written =
    magnitude instanceof JsonNumber
      ? magnitude
      : magnitude instanceof NdArray
        ? encodeNdArray(magnitude, zstd)
        : encodeNumpyScalar(magnitude, zstd);
  return new Map<string, Json>([
    ["magnitude", written],
    ["unit", unit],
    [customMember, true],
    ["pint_unit_registry", unitRegistry],
  ]);
}

/**
 * Reads a quantity in a form that older releases and `SolventComponent.ion_concentration` use: a text such as `"0.15 molar"`,
 * or `{"val": 1.0, "unit": "bar"}`. `undefined` for anything else.
 */
export function quantityFromOlderForm(json: Json | undefined): Quantity | undefined {
  if (typeof json === "string") return quantityFromText(json);
  const value = isJsonObject(json) ? json.get("val") : undefined;
  const unit = isJsonObject(json) ? json.get("unit") : undefined;
  return value instanceof JsonNumber && typeof unit === "string" ? { magnitude: value, unit } : undefined;
}

const leadingNumber = /^(-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|nan|inf) *(.*)$/;

function quantityFromText(json: string): Quantity | undefined {
  const match = json.length > 1000 ? null : leadingNumber.exec(json.trim());
  if (match === null) return undefined;
  const unit = (match[2] as string).trim();
  return { magnitude: new JsonNumber(match[1] as string), unit: unit === "" ? "dimensionless" : unit };
}

function decodeMagnitude(json: Json | undefined, zstd: Pick<Zstd, "decompress">): JsonNumber | NdArray | NumpyScalar {
  if (json instanceof JsonNumber) return json;
  if (isEncodedNdArray(json)) return decodeNdArray(json, zstd);
  if (isEncodedNumpyScalar(json)) return decodeNumpyScalar(json, zstd);
  throw new ShapeError("codec", "magnitude", "The magnitude of a quantity must be a number or an array");
}

function isOfRegistry(json: Json | undefined): json is JsonObject {
  return isJsonObject(json) && json.has(customMember) && json.get("pint_unit_registry") === unitRegistry;
}

function text(json: JsonObject, member: string): string {
  const value = json.get(member);
  if (typeof value !== "string") throw new ShapeError("codec", member, `The member ${member} of an encoded value must be a text`);
  return value;
}
