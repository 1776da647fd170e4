import type { Json } from "./json.ts";
import { type PrintStyle, printJson } from "./print-json.ts";

const asRead: PrintStyle = { number: (number) => number.text, members: (object) => object };

/**
 * Writes a lossless tree as Python's `json.dumps` does: `", "` and `": "` between, ASCII strings, members in their order,
 * and numbers with the characters they were read with. Linear, at any depth. (spec/gufe.md §2.1)
 */
export function writeJson(json: Json): string {
  return printJson(json, asRead);
}
