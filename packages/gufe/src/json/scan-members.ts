import { JsonSyntaxError } from "../errors.ts";
import { JsonReader, Token } from "./json-reader.ts";

/**
 * The raw text of each member of a JSON object, by name, without building trees of their values; the syntax of all of it is
 * checked. A repeated member has its last value. Throws `JsonSyntaxError`, also when the text is not an object.
 *
 * The texts are slices and keep `text` alive as long as they live.
 */
export function scanMembers(text: string, options: { maxDepth?: number } = {}): Map<string, string> {
  const reader = new JsonReader(text, options.maxDepth);
  const members = new Map<string, string>();
  if (reader.next() !== Token.objectStart) {
    throw new JsonSyntaxError("not-an-object", `character ${reader.start}`, "Expected a JSON object");
  }
  while (reader.next() === Token.name) {
    const name = reader.stringValue();
    const first = reader.next();
    const start = reader.start;
    members.set(name, text.slice(start, reader.skipRest(first)));
  }
  reader.next();
  return members;
}
