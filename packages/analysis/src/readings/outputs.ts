/** Values of units' outputs. A value of the wrong kind is a `MalformedResult`; one that is absent or null is null. */
import {
  decodeNdArray,
  decodeNumpyScalar,
  decodeQuantity,
  isJsonArray,
  isJsonObject,
  type Json,
  JsonNumber,
  NdArray,
  NumpyScalar,
  type NumpyValue,
  type Quantity,
  type Zstd,
} from "@alchemiscale/gufe";
import { inKilocalories } from "../units/energy.ts";
import { MalformedResult } from "./malformed-result.ts";
import type { UnitResult } from "./protocol-reader.ts";

type Decompressor = Pick<Zstd, "decompress">;

/** More elements than this in an array that is kept are no convergence data. */
const maxElements = 10_000;
/** 128-bit integers have 39 digits. */
const maxDigits = 60;

/** Where an output is, for messages. */
function place(unit: UnitResult, output: string): string {
  return `${unit.key}.outputs.${output}`;
}

/** An output that is there: neither absent nor null. */
function present(unit: UnitResult, output: string): Json | undefined {
  return unit.outputs.get(output) ?? undefined;
}

/** A text. */
export function textOutput(unit: UnitResult, output: string): string | null {
  const json = present(unit, output);
  if (json === undefined) return null;
  if (typeof json !== "string") throw new MalformedResult(place(unit, output), "must be a text");
  return json;
}

/** The decimal digits of an integer of any size. */
export function integerOutput(unit: UnitResult, output: string): string | null {
  const json = present(unit, output);
  if (json === undefined) return null;
  if (!(json instanceof JsonNumber) || !json.isInteger || json.text.length > maxDigits) {
    throw new MalformedResult(place(unit, output), "must be an integer");
  }
  return json.toBigInt().toString();
}

/** A number, plain or a NumPy scalar. May be NaN or infinite. */
export function numberOutput(unit: UnitResult, output: string, zstd: Decompressor): number | null {
  const json = present(unit, output);
  return json === undefined ? null : realNumber(json, place(unit, output), zstd);
}

/** A number; the real part of a complex one. */
export function realNumber(json: Json | undefined, where: string, zstd: Decompressor): number {
  if (json instanceof JsonNumber) return json.toNumber();
  if (!isJsonObject(json)) throw new MalformedResult(where, "must be a number");
  return json.has("shape")
    ? onlyElement(decodeNdArray(json, zstd), where)
    : realPart(decodeNumpyScalar(json, zstd).value(), where);
}

/** An energy in kcal/mol. */
export interface Energy {
  readonly value: number;
  /** Whether it was written in another unit. */
  readonly converted: boolean;
}

/** One energy. */
export function energyOutput(unit: UnitResult, output: string, zstd: Decompressor): Energy | null {
  const json = present(unit, output);
  if (json === undefined) return null;
  const where = place(unit, output);
  const { magnitude, unit: name } = quantity(json, where, zstd);
  const value =
    magnitude instanceof JsonNumber
      ? magnitude.toNumber()
      : magnitude instanceof NumpyScalar
        ? realPart(magnitude.value(), where)
        : onlyElement(magnitude, where);
  return inKcal(value, name, where);
}

/** An array of energies, in kcal/mol. */
export function energies(json: Json | undefined, where: string, zstd: Decompressor): number[] {
  const { magnitude, unit } = quantity(json, where, zstd);
  if (!(magnitude instanceof NdArray)) throw new MalformedResult(where, "must be a quantity with an array");
  return elements(magnitude, where).map((value) => inKcal(value, unit, where).value);
}

/** An array of numbers. */
export function numbers(json: Json | undefined, where: string, zstd: Decompressor): number[] {
  if (!isJsonObject(json)) throw new MalformedResult(where, "must be an array");
  return elements(decodeNdArray(json, zstd), where);
}

/** The last element of each array of a list; null of an empty one. Arrays of numbers that are plain JSON are read, too. */
export function lastElements(unit: UnitResult, output: string, zstd: Decompressor): (number | null)[] | null {
  const json = present(unit, output);
  if (json === undefined) return null;
  if (!isJsonArray(json)) throw new MalformedResult(place(unit, output), "must be a list of arrays");
  return json.map((item, i) => {
    const where = `${place(unit, output)}[${i}]`;
    if (isJsonArray(item)) return item.length === 0 ? null : realNumber(item[item.length - 1], where, zstd);
    if (!isJsonObject(item)) throw new MalformedResult(where, "must be an array");
    const { dtype, shape, data } = decodeNdArray(item, zstd);
    if (shape.length !== 1) throw new MalformedResult(where, `must have one dimension, not ${shape.length}`);
    const count = shape[0] as number;
    // Nothing but the end is made into numbers: arrays can have millions of elements.
    return count === 0 ? null : onlyElement(new NdArray(dtype, [1], data.subarray(data.length - data.length / count)), where);
  });
}

/** The list of numbers that is plain JSON. */
export function numberList(unit: UnitResult, output: string): number[] {
  const json = present(unit, output);
  if (!isJsonArray(json)) throw new MalformedResult(place(unit, output), "must be a list of numbers");
  return json.map((item) => {
    if (!(item instanceof JsonNumber)) throw new MalformedResult(place(unit, output), "must be a list of numbers");
    return item.toNumber();
  });
}

/** A quantity of the given unit. */
export function quantityOutput(unit: UnitResult, output: string, wanted: string, zstd: Decompressor): number {
  const where = place(unit, output);
  const { magnitude, unit: name } = quantity(present(unit, output), where, zstd);
  if (name !== wanted || !(magnitude instanceof JsonNumber)) throw new MalformedResult(where, `must be one number of ${wanted}`);
  return magnitude.toNumber();
}

function quantity(json: Json | undefined, where: string, zstd: Decompressor): Quantity {
  if (!isJsonObject(json)) throw new MalformedResult(where, "must be a quantity");
  return decodeQuantity(json, zstd);
}

function inKcal(value: number, unit: string, where: string): Energy {
  const energy = inKilocalories(value, unit);
  if (energy === undefined)
    throw new MalformedResult(where, `has the unit ${JSON.stringify(unit.slice(0, 60))}, which is no molar energy`);
  return energy;
}

function elements(array: NdArray, where: string): number[] {
  if (array.data.length > 16 * maxElements) throw new MalformedResult(where, `must have at most ${maxElements} elements`);
  return array.values().map((value) => realPart(value, where));
}

function onlyElement(array: NdArray, where: string): number {
  const [value, ...others] = array.data.length > 16 ? [] : array.values();
  if (value === undefined || others.length > 0) throw new MalformedResult(where, "must be one number");
  return realPart(value, where);
}

function realPart(value: NumpyValue, where: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value[0] as number;
  throw new MalformedResult(where, "must be a number");
}
