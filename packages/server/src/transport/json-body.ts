/** From the bytes of a body to its JSON value, for bodies that hold no gufe content. */
import { JsonSyntaxError, jsonToPlain, parseJson } from "@alchemiscale/gufe";
import type { Issue } from "./decode-value.ts";
import { unprocessable } from "./http-error.ts";
import { unparsableBody } from "./request-body.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws {HttpError} 400 where the bytes are not UTF-8 */
export function bodyText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw unparsableBody();
  }
}

/** A type that says JSON; Python clients send it with every request, also with a charset (user-api §1.2). */
export function isJsonType(contentType: string | undefined): boolean {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return type === "application/json" || /^application\/[^\s]+\+json$/.test(type);
}

/**
 * The value of a JSON text: integers beyond 2⁵³ as bigint, `NaN` and infinities as Python writes them.
 * @throws {HttpError} 422 that says where the text breaks off being JSON
 */
export function parsePlainJson(text: string): unknown {
  // Only a run of 16 digits can be an integer that a double does not hold; everything else the built-in parser reads, much faster.
  if (!/\d{16}/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // Python's extensions, or an error whose place the lossless parser knows.
    }
  }
  try {
    return jsonToPlain(parseJson(text));
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw invalidJson(error.where, error.message);
    throw error;
  }
}

/** The answer to a text that is no JSON. */
export function invalidJson(where: string, message: string) {
  const position = Number(/\d+/.exec(where)?.[0] ?? 0);
  const issue: Issue = { type: "json_invalid", loc: ["body", position], msg: `JSON decode error: ${message}`, input: {} };
  return unprocessable([issue]);
}
