import { JsonSyntaxError } from "../errors.ts";
import { JsonReader, Token } from "./json-reader.ts";

/** The raw text of each element of a JSON array; as {@link scanMembers} otherwise. Throws `JsonSyntaxError`, also when the text is not an array. */
export function scanElements(text: string, options: { maxDepth?: number } = {}): string[] {
  const reader = new JsonReader(text, options.maxDepth);
  const elements: string[] = [];
  if (reader.next() !== Token.arrayStart) {
    throw new JsonSyntaxError("not-an-array", `character ${reader.start}`, "Expected a JSON array");
  }
  for (let token = reader.next(); token !== Token.arrayEnd; token = reader.next()) {
    const start = reader.start;
    elements.push(text.slice(start, reader.skipRest(token)));
  }
  reader.next();
  return elements;
}
