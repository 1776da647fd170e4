/** The elements behind NumPy's dtype texts. (spec/gufe.md §2.1) */
import { ShapeError } from "../errors.ts";

/** One element: complex numbers are `[real, imaginary]`; `S` elements are bytes. */
export type NumpyValue = number | bigint | boolean | string | readonly [number, number] | Uint8Array;

interface Dtype {
  /** `f`, `i`, `u`, `b` (bool), `c`, `S`, `U`, `M` (datetime64) or `m` (timedelta64), as in NumPy's short names. */
  readonly kind: string;
  readonly bytes: number;
  readonly isLittleEndian: boolean;
}

const longNames: Readonly<Record<string, string>> = { float: "f", int: "i", uint: "u", complex: "c" };

/** Reads a dtype text: `float64`, `>f8`, `|S2`, `<U5`, `bool`, `datetime64[us]`. Throws `ShapeError` for one it does not know. */
function parseDtype(text: string): Dtype {
  const long = /^(float|int|uint|complex)(\d{1,3})$/.exec(text);
  if (long !== null) {
    return { kind: longNames[long[1] as string] as string, bytes: Number(long[2]) / 8, isLittleEndian: true };
  }
  if (text === "bool" || text === "|b1") return { kind: "b", bytes: 1, isLittleEndian: true };
  if (/^[<>]?(datetime64|timedelta64|[Mm]8)(\[\w{1,8}\])?$/.test(text)) {
    return { kind: /^[<>]?(d|M)/.test(text) ? "M" : "m", bytes: 8, isLittleEndian: !text.startsWith(">") };
  }
  const short = /^([<>|=]?)([fiucSUV])(\d{1,9})$/.exec(text);
  if (short === null) throw new ShapeError("dtype", "", `The NumPy dtype ${JSON.stringify(text.slice(0, 50))} is not known`);
  const kind = short[2] as string;
  return { kind, bytes: Number(short[3]) * (kind === "U" ? 4 : 1), isLittleEndian: short[1] !== ">" };
}

/** Bytes an element takes. */
export function itemSize(dtype: string): number {
  return parseDtype(dtype).bytes;
}

/**
 * All elements in C order. 64-bit integers are bigints; datetimes and timedeltas are their integer counts of the dtype's unit.
 * Throws `ShapeError` for dtypes without a JavaScript value (`float128`) and for data that are not whole elements.
 */
export function numpyValues(dtype: string, data: Uint8Array): NumpyValue[] {
  const { kind, bytes, isLittleEndian } = parseDtype(dtype);
  const read = reader(kind, bytes, isLittleEndian);
  if (read === undefined) throw new ShapeError("dtype", "", `Values of the NumPy dtype ${dtype} cannot be represented`);
  if (bytes === 0 || data.length % bytes !== 0)
    throw new ShapeError("data", "", `${data.length} bytes are not whole ${dtype} elements`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.length / bytes }, (_, i) => read(view, i * bytes));
}

type Reader = (view: DataView, at: number) => NumpyValue;

function reader(kind: string, bytes: number, little: boolean): Reader | undefined {
  switch (`${kind}${bytes}`) {
    case "f2":
      return (view, at) => view.getFloat16(at, little);
    case "f4":
      return (view, at) => view.getFloat32(at, little);
    case "f8":
      return (view, at) => view.getFloat64(at, little);
    case "i1":
      return (view, at) => view.getInt8(at);
    case "i2":
      return (view, at) => view.getInt16(at, little);
    case "i4":
      return (view, at) => view.getInt32(at, little);
    case "i8":
    case "M8":
    case "m8":
      return (view, at) => view.getBigInt64(at, little);
    case "u1":
      return (view, at) => view.getUint8(at);
    case "u2":
      return (view, at) => view.getUint16(at, little);
    case "u4":
      return (view, at) => view.getUint32(at, little);
    case "u8":
      return (view, at) => view.getBigUint64(at, little);
    case "b1":
      return (view, at) => view.getUint8(at) !== 0;
    case "c8":
      return (view, at) => [view.getFloat32(at, little), view.getFloat32(at + 4, little)];
    case "c16":
      return (view, at) => [view.getFloat64(at, little), view.getFloat64(at + 8, little)];
    default:
      if (kind === "S") return (view, at) => trimmedBytes(view, at, bytes);
      return kind === "U" ? (view, at) => codePoints(view, at, bytes / 4, little) : undefined;
  }
}

/** NumPy pads fixed-width bytes with zeros and does not tell them from content. */
function trimmedBytes(view: DataView, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
  let end = length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.slice(0, end);
}

function codePoints(view: DataView, at: number, length: number, little: boolean): string {
  let end = length;
  while (end > 0 && view.getUint32(at + 4 * (end - 1), little) === 0) end--;
  const characters: string[] = [];
  for (let i = 0; i < end; i++) {
    const code = view.getUint32(at + 4 * i, little);
    if (code > 0x10ffff) throw new ShapeError("data", "", "A NumPy string holds a number that is no code point");
    characters.push(String.fromCodePoint(code));
  }
  return characters.join("");
}
