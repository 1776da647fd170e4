import { describe, expect, test } from "vitest";
import { goldenRows } from "../../test/golden.ts";
import { GufeError, ShapeError } from "../errors.ts";
import { type Json, JsonNumber, type JsonObject } from "../json/json.ts";
import { parseJson } from "../json/parse-json.ts";
import { writeJson } from "../json/write-json.ts";
import { nodeZstd } from "../zstd.ts";
import type { Zstd } from "./bytes.ts";
import { encodeBytes } from "./bytes.ts";
import {
  type DecodedValue,
  decodeSettings,
  decodeValue,
  encodeDatetime,
  encodePath,
  encodeSettings,
  encodeUuid,
} from "./decode-value.ts";
import { encodeNdArray, encodeNumpyScalar, NdArray } from "./ndarray.ts";
import { encodeQuantity, encodeUnit, magnitudeOf, quantityFromOlderForm } from "./quantity.ts";

interface CodecRow {
  name: string;
  json?: string;
  also_read?: { json: string; note?: string; json_after_decode_and_encode?: string; error?: string }[];
}

/** Compresses to the frame that it has seen the content in, so that texts can be compared whatever the version of zstd. */
function rememberingZstd(): Zstd {
  const zstd = nodeZstd();
  const frames = new Map<string, Uint8Array>();
  const name = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
  return {
    decompress: (frame) => {
      const bytes = zstd.decompress(frame);
      frames.set(name(bytes), frame);
      return bytes;
    },
    compress: (bytes) => frames.get(name(bytes)) ?? zstd.compress(bytes),
  };
}

function encode(value: DecodedValue, zstd: Zstd): JsonObject {
  switch (value.kind) {
    case "path":
      return encodePath(value.path);
    case "ndarray":
      return encodeNdArray(value.array, zstd);
    case "numpy-scalar":
      return encodeNumpyScalar(value.scalar, zstd);
    case "bytes":
      return encodeBytes(value.bytes, zstd);
    case "datetime":
      return encodeDatetime(value.isotime);
    case "settings":
      return encodeSettings(value.settings);
    case "unit":
      return encodeUnit(value.unit);
    case "quantity":
      return encodeQuantity(value.quantity, zstd);
    case "uuid":
      return encodeUuid(value.uuid);
  }
}

const kinds = {
  bytes: "bytes",
  datetime: "datetime",
  ndarray: "ndarray",
  numpy_scalar: "numpy-scalar",
  path: "path",
  quantity: "quantity",
  settings: "settings",
  unit: "unit",
  uuid: "uuid",
};

describe.each(Object.entries(kinds))("the codec of %s", (table, kind) => {
  const rows = goldenRows<CodecRow>(`codecs/${table}.json`).filter((row) => row.json?.includes(":is_custom:"));
  test.each(rows.map((row) => [row.name, row.json as string] as const))(
    "%s: what Python wrote is read and written back",
    (_, text) => {
      const zstd = rememberingZstd();
      const decoded = decodeValue(parseJson(text), zstd);
      expect(decoded?.kind).toBe(kind);
      expect(writeJson(encode(decoded as DecodedValue, zstd))).toBe(text);
    },
  );
});

describe("older and odd forms that Python reads", () => {
  const decodedTexts = ["bytes", "path"].flatMap((table) =>
    goldenRows<CodecRow>(`codecs/${table}.json`).flatMap((row) =>
      (row.also_read ?? []).map((form) => [form.note ?? row.name, form] as const),
    ),
  );
  test.each(decodedTexts)("%s", (note, form) => {
    const zstd = nodeZstd();
    const decoded = decodeValue(parseJson(form.json), zstd);
    const python = decodeValue(parseJson(form.json_after_decode_and_encode as string), zstd);
    // Python leaves frames without a content size compressed; readers should read them (spec/gufe.md §2.4).
    if (!note.startsWith("frame without content size")) expect(decoded).toEqual(python);
    else expect(new TextDecoder().decode((decoded as { bytes: Uint8Array }).bytes)).toMatch(/^no content size/);
  });

  test("matching is as loose as Python's", () => {
    const seen: Record<string, string | undefined> = {};
    for (const form of goldenRows<CodecRow>("codecs/loose_matching.json")[0]?.also_read ?? []) {
      seen[form.note as string] = decodeValue(parseJson(form.json), nodeZstd())?.kind;
    }
    expect(seen).toMatchObject({
      ":is_custom: only needs to be present": "path",
      "dtype + bytes without shape and without markers is a numpy scalar": "numpy-scalar",
      "dtype + bytes + shape without markers stays a dict": undefined,
      "__class__ alone stays a dict": undefined,
      "other registry stays a dict": undefined,
      "unit wins over quantity": "unit",
      "a reference is just a dict to the JSON layer": undefined,
    });
  });

  test("unknown settings stay as they are", () => {
    const row = goldenRows<CodecRow>("codecs/settings.json").find(({ name }) => name === "unknown-class");
    const text = row?.also_read?.[0]?.json as string;
    const settings = decodeSettings(parseJson(text));
    expect(settings).toBeDefined();
    expect(writeJson(encodeSettings(settings as NonNullable<typeof settings>))).toBe(text);
  });
});

describe("values behind NumPy's bytes", () => {
  const array = (name: string) => {
    const row = goldenRows<CodecRow>("codecs/ndarray.json").find((candidate) => candidate.name === name);
    const decoded = decodeValue(parseJson(row?.json as string), nodeZstd());
    if (decoded?.kind !== "ndarray") throw new Error(`no array ${name}`);
    return decoded.array;
  };

  test.each([
    ["float64", [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324]],
    ["fortran", [0, 1, 2, 3, 4, 5]],
    ["strided", [0n, 3n, 6n, 9n]],
    ["float32", [Math.fround(0.1), Math.fround(1e-45)]],
    ["big-endian", [1, 2]],
    ["int8", [-128, 127]],
    ["uint64", [18446744073709551615n]],
    ["int64", [9223372036854775807n, -9223372036854775808n]],
    ["bool", [true, false, true]],
    ["complex128", [[1, 2]]],
    ["zero-d", [3.5]],
    ["empty", []],
    ["bytes-S", [Uint8Array.of(0x61, 0x62), Uint8Array.of(0x63)]],
    ["unicode-U", ["é", "😀x"]],
    ["datetime64", [1767323045000000n]],
  ])("%s", (name, values) => {
    expect(array(name).values()).toEqual(values);
  });

  test("have a shape", () => {
    expect(array("fortran").shape).toEqual([2, 3]);
    expect(array("zero-d").shape).toEqual([]);
    expect(array("empty-2d").shape).toEqual([0, 3]);
    expect(array("strided").numbers()).toEqual(Float64Array.of(0, 3, 6, 9));
  });

  test.each([
    ["float64", [3], 16],
    ["float64", [2, 2], 16],
    ["object", [1], 8],
    ["float128", [1], 8],
    ["<U99999999999", [1], 8],
    ["", [0], 0],
  ])("of dtype %j and shape %j in %i bytes are refused", (dtype, shape, length) => {
    const zstd = nodeZstd();
    const json = encodeNdArray(new NdArray(dtype, shape, new Uint8Array(length)), zstd);
    expect(() => {
      const decoded = decodeValue(json, zstd);
      if (decoded?.kind === "ndarray") decoded.array.values();
    }).toThrow(ShapeError);
  });
});

describe("quantities", () => {
  test("keep the characters of their magnitude", () => {
    const decoded = decodeValue(
      parseJson('{"magnitude": 300, "unit": "kelvin", ":is_custom:": true, "pint_unit_registry": "openff_units"}'),
      nodeZstd(),
    );
    if (decoded?.kind !== "quantity") throw new Error("no quantity");
    expect(decoded.quantity).toEqual({ magnitude: new JsonNumber("300"), unit: "kelvin" });
    expect(magnitudeOf(decoded.quantity)).toBe(300);
  });

  test.each([
    ['"0.15 molar"', "0.15", "molar"],
    ['"300 kelvin"', "300", "kelvin"],
    ['"1e-07 mole / liter"', "1e-07", "mole / liter"],
    ['"0 molar"', "0", "molar"],
    ['{"val": 1.0, "unit": "bar"}', "1.0", "bar"],
  ])("are read from the older form %s", (json, magnitude, unit) => {
    expect(quantityFromOlderForm(parseJson(json))).toEqual({ magnitude: new JsonNumber(magnitude), unit });
  });

  test.each(['"molar"', '""', "5", "null", '{"val": "a", "unit": "b"}'])("are not read from %s", (json) => {
    expect(quantityFromOlderForm(parseJson(json))).toBeUndefined();
  });
});

test("an encoded value that lacks what its codec needs is refused with a typed error", () => {
  const marked = (className: string, module: string, rest = "") =>
    `{"__class__": "${className}", "__module__": "${module}", ":is_custom:": true${rest}}`;
  const broken = [
    marked("PosixPath", "pathlib"),
    marked("bytes", "builtins"),
    marked("bytes", "builtins", ', "latin-1": "\\u0100"'),
    marked("datetime", "datetime", ', "isotime": 5'),
    marked("UUID", "uuid"),
    marked("ndarray", "numpy", ', "shape": [-1], "dtype": "float64"'),
    marked("ndarray", "numpy", ', "shape": [1.0], "dtype": "float64", "bytes": {}'),
    '{"dtype": 1, "bytes": 2}',
    '{"magnitude": "x", "unit": "kelvin", ":is_custom:": true, "pint_unit_registry": "openff_units"}',
    '{"magnitude": 1, "unit": 5, ":is_custom:": true, "pint_unit_registry": "openff_units"}',
    '{"unit_name": 5, ":is_custom:": true, "pint_unit_registry": "openff_units"}',
  ];
  for (const text of broken) expect(() => decodeValue(parseJson(text), nodeZstd())).toThrow(ShapeError);
});

test("bytes that unfold beyond the limit are refused, not taken as they are", () => {
  const zstd = nodeZstd({ maxBytes: 1000 });
  const bomb: Json = encodeBytes(new Uint8Array(100_000), nodeZstd());
  expect(() => decodeValue(bomb, zstd)).toThrow(expect.objectContaining({ code: "too-large" }));
  expect(() => decodeValue(bomb, zstd)).toThrow(GufeError);
});
