import { jsonToPlain, parseJson } from "@alchemiscale/gufe";
import { UnexpectedReply } from "./client-error.ts";

/** Priorities from a reply's text: they may be larger than JSON.parse can read without loss. Null for a missing Task. */
export function readPriorities(
  request: { readonly method: string; readonly path: string },
  text: string,
): (number | bigint | null)[] {
  const expected = "a list of priorities";
  let value: unknown;
  try {
    value = jsonToPlain(parseJson(text));
  } catch (error) {
    throw new UnexpectedReply(request, expected, text, { cause: error });
  }
  if (!Array.isArray(value)) throw new UnexpectedReply(request, expected, text);
  return value.map((item: unknown) => {
    if (item === null || typeof item === "number" || typeof item === "bigint") return item;
    throw new UnexpectedReply(request, expected, text);
  });
}
