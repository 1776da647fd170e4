/** Every codec in one place: what an encoded object stands for. (spec/gufe.md §2.1) */
import { ShapeError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/json.ts";
import { decodeBytes, isEncodedBytes, type Zstd } from "./bytes.ts";
import { customMember, encoded, isEncoded } from "./codec-markers.ts";
import {
  decodeNdArray,
  decodeNumpyScalar,
  isEncodedNdArray,
  isEncodedNumpyScalar,
  type NdArray,
  type NumpyScalar,
} from "./ndarray.ts";
import { decodeQuantity, decodeUnit, isEncodedQuantity, isEncodedUnit, type Quantity } from "./quantity.ts";

/** A settings model: its class and its fields, still encoded, in order. Unknown models and fields are kept as they are. */
export interface SettingsValue {
  readonly className: string;
  readonly module: string;
  readonly fields: ReadonlyMap<string, Json>;
}

export type DecodedValue =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "ndarray"; readonly array: NdArray }
  | { readonly kind: "numpy-scalar"; readonly scalar: NumpyScalar }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** ISO 8601 with microseconds, offset only where the time has a zone: kept as text, since a `Date` loses both. */
  | { readonly kind: "datetime"; readonly isotime: string }
  | { readonly kind: "settings"; readonly settings: SettingsValue }
  | { readonly kind: "unit"; readonly unit: string }
  | { readonly kind: "quantity"; readonly quantity: Quantity }
  | { readonly kind: "uuid"; readonly uuid: string };

const codecMarkers = new Set(["__class__", "__module__", customMember]);

/**
 * What an encoded object stands for; `undefined` for anything that is no encoded value. The first match wins, in Python's order:
 * path, array, NumPy scalar, bytes, datetime, UUID, unit, quantity, settings (last here, because it stands for all classes
 * that are none of the others). Throws `ShapeError` where an encoded value lacks what its codec needs.
 */
export function decodeValue(json: Json | undefined, zstd: Pick<Zstd, "decompress">): DecodedValue | undefined {
  if (!isJsonObject(json)) return undefined;
  if (isEncoded(json, "PosixPath", ["pathlib", "pathlib._local"])) return { kind: "path", path: member(json, "path") };
  if (isEncodedNdArray(json)) return { kind: "ndarray", array: decodeNdArray(json, zstd) };
  if (isEncodedNumpyScalar(json)) return { kind: "numpy-scalar", scalar: decodeNumpyScalar(json, zstd) };
  if (isEncodedBytes(json)) return { kind: "bytes", bytes: decodeBytes(json, zstd) };
  if (isEncoded(json, "datetime", ["datetime"])) return { kind: "datetime", isotime: member(json, "isotime") };
  if (isEncoded(json, "UUID", ["uuid"])) return { kind: "uuid", uuid: member(json, "uuid") };
  if (isEncodedUnit(json)) return { kind: "unit", unit: decodeUnit(json) };
  if (isEncodedQuantity(json)) return { kind: "quantity", quantity: decodeQuantity(json, zstd) };
  const settings = decodeSettings(json);
  return settings && { kind: "settings", settings };
}

/** The settings model that an object stands for; `undefined` where it is none. */
export function decodeSettings(json: Json | undefined): SettingsValue | undefined {
  if (!isJsonObject(json) || !json.has(customMember)) return undefined;
  const className = json.get("__class__");
  const module = json.get("__module__");
  if (typeof className !== "string" || typeof module !== "string") return undefined;
  return { className, module, fields: new Map([...json].filter(([name]) => !codecMarkers.has(name))) };
}

export function encodeSettings(settings: SettingsValue): JsonObject {
  return encoded(settings.className, settings.module, [...settings.fields]);
}

export function encodePath(path: string): JsonObject {
  return encoded("PosixPath", "pathlib", [["path", path]]);
}

/** `isotime` as Python's `isoformat()`: the fraction six digits or absent. */
export function encodeDatetime(isotime: string): JsonObject {
  return encoded("datetime", "datetime", [["isotime", isotime]]);
}

/** `uuid` dashed, in lower case. */
export function encodeUuid(uuid: string): JsonObject {
  return encoded("UUID", "uuid", [["uuid", uuid]]);
}

function member(json: JsonObject, name: string): string {
  const value = json.get(name);
  if (typeof value !== "string") throw new ShapeError("codec", name, `The member ${name} of an encoded value must be a text`);
  return value;
}
