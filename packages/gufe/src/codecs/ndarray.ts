/** The codecs of NumPy arrays and scalars. (spec/gufe.md §2.1) */
import { ShapeError } from "../errors.ts";
import { isJsonArray, isJsonObject, type Json, JsonNumber, type JsonObject } from "../json/json.ts";
import { decodeBytes, encodeBytes, isEncodedBytes, type Zstd } from "./bytes.ts";
import { encoded, isEncoded } from "./codec-markers.ts";
import { itemSize, type NumpyValue, numpyValues } from "./numpy-values.ts";

/** An array as NumPy holds it: raw elements in C order. */
export class NdArray {
  /** NumPy's text, such as `float64`, `>f8`, `<U5`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;

  constructor(dtype: string, shape: readonly number[], data: Uint8Array) {
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }

  /** All elements in C order. */
  values(): NumpyValue[] {
    return numpyValues(this.dtype, this.data);
  }

  /** All elements as doubles, in C order. Throws `ShapeError` where they are no numbers. */
  numbers(): Float64Array {
    return Float64Array.from(this.values(), (value) => {
      if (typeof value === "object" || typeof value === "string")
        throw new ShapeError("dtype", "", `${this.dtype} is no real number`);
      return Number(value);
    });
  }
}

export function isEncodedNdArray(json: Json | undefined): json is JsonObject {
  return isEncoded(json, "ndarray", ["numpy"]);
}

/** Throws `ShapeError` where members are missing or the data do not fill the shape. */
export function decodeNdArray(json: JsonObject, zstd: Pick<Zstd, "decompress">): NdArray {
  const shapeJson = json.get("shape");
  const shape = isJsonArray(shapeJson) ? shapeJson.map(size) : undefined;
  if (shape === undefined) throw new ShapeError("codec", "shape", "An encoded array must have a shape");
  const { dtype, data } = decodeBuffer(json, zstd);
  const count = shape.reduce((product, length) => product * length, 1);
  if (data.length !== count * itemSize(dtype)) {
    throw new ShapeError("data", "", `${data.length} bytes do not fill a ${dtype} array of shape [${shape.join(", ")}]`);
  }
  return new NdArray(dtype, shape, data);
}

export function encodeNdArray(array: NdArray, zstd: Pick<Zstd, "compress">): JsonObject {
  return encoded("ndarray", "numpy", [
    ["dtype", array.dtype],
    ["shape", array.shape.map((length) => new JsonNumber(String(length)))],
    ["bytes", encodeBytes(array.data, zstd)],
  ]);
}

/** One NumPy scalar other than `float64` and `str`, which are written as plain JSON. */
export class NumpyScalar {
  readonly dtype: string;
  readonly data: Uint8Array;
  /** NumPy's name of the class: `int64`, `datetime64`, `bool` (NumPy 2) or `bool_` (1.x). */
  readonly className: string;

  constructor(dtype: string, data: Uint8Array, className = dtype.replace(/\[.*$/, "")) {
    this.dtype = dtype;
    this.data = data;
    this.className = className;
  }

  /** The value: the first element of the buffer. */
  value(): NumpyValue {
    const [value] = numpyValues(this.dtype, this.data);
    if (value === undefined) throw new ShapeError("data", "", "A NumPy scalar has no data");
    return value;
  }
}

/** Python takes *any* object with `dtype` and `bytes` but no `shape` for a scalar. */
export function isEncodedNumpyScalar(json: Json | undefined): json is JsonObject {
  return isJsonObject(json) && json.has("dtype") && json.has("bytes") && !json.has("shape");
}

export function decodeNumpyScalar(json: JsonObject, zstd: Pick<Zstd, "decompress">): NumpyScalar {
  const { dtype, data } = decodeBuffer(json, zstd);
  const className = json.get("__class__");
  return new NumpyScalar(dtype, data, typeof className === "string" ? className : undefined);
}

export function encodeNumpyScalar(scalar: NumpyScalar, zstd: Pick<Zstd, "compress">): JsonObject {
  return encoded(scalar.className, "numpy", [
    ["dtype", scalar.dtype],
    ["bytes", encodeBytes(scalar.data, zstd)],
  ]);
}

function decodeBuffer(json: JsonObject, zstd: Pick<Zstd, "decompress">): { dtype: string; data: Uint8Array } {
  const dtype = json.get("dtype");
  const bytes = json.get("bytes");
  if (typeof dtype !== "string" || !isEncodedBytes(bytes)) {
    throw new ShapeError("codec", "", "An encoded array or scalar must have a dtype and bytes");
  }
  return { dtype, data: decodeBytes(bytes, zstd) };
}

function size(json: Json): number {
  const value = json instanceof JsonNumber && json.isInteger ? json.toNumber() : -1;
  if (!Number.isSafeInteger(value) || value < 0) throw new ShapeError("codec", "shape", "A shape is a list of sizes");
  return value;
}
