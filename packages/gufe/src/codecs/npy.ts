import { ShapeError } from "../errors.ts";
import { NdArray } from "./ndarray.ts";
import { itemSize } from "./numpy-values.ts";

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const maxHeader = 10_000;

/**
 * Reads the content of an `.npy` file (version 1 to 3), as molecules keep their positions. (spec/gufe.md §3.2)
 * Throws `ShapeError` for other content, Fortran order, and data that do not fill the shape.
 */
export function readNpy(bytes: Uint8Array): NdArray {
  const bad = (why: string) => new ShapeError("npy", "", `Not the content of a .npy file: ${why}`);
  const version = bytes[6];
  if (magic.some((byte, i) => bytes[i] !== byte) || version === undefined || bytes.length < 12) throw bad("no NumPy header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [start, length] = version === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (length > maxHeader || start + length > bytes.length) throw bad("its header is cut short or too long");
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  const descr = /'descr': *'([^']{1,50})'/.exec(header)?.[1];
  const shapeText = /'shape': *\(([0-9, ]*)\)/.exec(header)?.[1];
  if (descr === undefined || shapeText === undefined) throw bad("its header has no descr or shape");
  if (!/'fortran_order': *False/.test(header)) throw bad("it is in Fortran order");
  const shape = shapeText
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  const data = bytes.subarray(start + length);
  if (shape.reduce((product, n) => product * n, 1) * itemSize(descr) !== data.length) throw bad("its data do not fill its shape");
  return new NdArray(descr, shape, data);
}
