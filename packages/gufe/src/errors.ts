/** Typed errors of this package. Each says what rule was broken (`code`) and where (`where`). */

/**
 * Base of every error thrown for bad input.
 * `where` is a place a person can find: `"[12][1].stateA"` within a keyed chain, `"character 812"` or `"byte 812"` within a text.
 */
export class GufeError extends Error {
  override readonly name: string = "GufeError";
  readonly code: string;
  readonly where: string;

  constructor(code: string, where: string, message: string) {
    super(where === "" ? message : `${message} (at ${where})`);
    this.code = code;
    this.where = where;
  }
}

/** The text is not JSON as Python's `json` module reads it. */
export class JsonSyntaxError extends GufeError {
  override readonly name = "JsonSyntaxError";
}

/** The text is JSON, but deeper or larger than the caller allows. */
export class JsonLimitError extends GufeError {
  override readonly name = "JsonLimitError";
}

/** The JSON is not a keyed chain, or not one that can be read: malformed pair, unresolved reference, repeated key, … */
export class ChainError extends GufeError {
  override readonly name = "ChainError";
}

/** A value does not have the shape that its class or codec prescribes. */
export class ShapeError extends GufeError {
  override readonly name = "ShapeError";
}

/** Bytes are not gzip, or decompress to more than allowed. */
export class GzipError extends GufeError {
  override readonly name = "GzipError";
}

/** Bytes are not one whole zstd frame, or decompress to more than allowed. */
export class ZstdError extends GufeError {
  override readonly name = "ZstdError";
}
