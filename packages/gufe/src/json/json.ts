/** The lossless form of a JSON document. */

/**
 * A number with the characters it was written with.
 * gufe keys are hashes of text in which `1`, `1.0` and `1e0` differ, integers have any length, and `NaN` is legal;
 * a JavaScript number keeps none of that.
 */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The number of a token; small integers, by far the most frequent, are made once. */
  static of(source: string, start: number, end: number): JsonNumber {
    let value = 0;
    if (end - start > 3) return new JsonNumber(source.slice(start, end));
    for (let i = start; i < end; i++) {
      const digit = source.charCodeAt(i) - 0x30;
      if (digit < 0 || digit > 9) return new JsonNumber(source.slice(start, end));
      value = value * 10 + digit;
    }
    small[value] ??= new JsonNumber(String(value));
    return small[value] as JsonNumber;
  }

  /** Python reads a token without `.`, `e` or `E` as an int (and `-0` as `0`), all others as a float. */
  get isInteger(): boolean {
    const last = this.text.charCodeAt(this.text.length - 1);
    return last >= 0x30 && last <= 0x39 && !/[.eE]/.test(this.text);
  }

  /** The nearest double; `NaN` and the infinities as themselves. */
  toNumber(): number {
    return Number(this.text);
  }

  /** The exact integer. Throws a `RangeError` for a float. */
  toBigInt(): bigint {
    if (!this.isInteger) throw new RangeError(`${this.text} is a float, not an integer`);
    return BigInt(this.text);
  }
}

/** Numbers 0 … 999 that were met: a token of digits has no leading zeros, so its value is its text. */
const small: (JsonNumber | undefined)[] = [];

/** An object: members in order. A repeated member has its last value at the first one's position, as in Python. */
export type JsonObject = ReadonlyMap<string, Json>;

/** A lossless JSON value. Strings are JavaScript strings, in which a lone surrogate is itself. */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;

/** Whether `json` is an object. */
export function isJsonObject(json: Json | undefined): json is JsonObject {
  return json instanceof Map;
}

/** Whether `json` is an array. */
export function isJsonArray(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}
