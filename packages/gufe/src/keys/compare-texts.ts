import { isJsonObject, type JsonObject } from "../json/json.ts";
import { parseJson } from "../json/parse-json.ts";
import { canonicalText } from "./canonical-text.ts";
import { keyRule } from "./class-rules.ts";

/** How two texts stored under one key compare. */
export type TextComparison = "same" | "equivalent" | "conclusively-different" | "undecided";

/**
 * Compares two keyed dicts that claim the same key. (spec/gufe.md §1.4, §1.6)
 *
 * - `same`: the same characters.
 * - `equivalent`: other characters, the same hashed content (order, blanks, a default left out or written).
 * - `conclusively-different`: a class whose defaults are known, and the hashed contents differ; or not even the same class.
 * - `undecided`: a class with unknown defaults, a UUID key, or a rule of its own.
 */
export function compareTexts(a: string, b: string): TextComparison {
  if (a === b) return "same";
  const x = parseJson(a);
  const y = parseJson(b);
  if (!isJsonObject(x) || !isJsonObject(y)) return "undecided";
  if (canonicalText(x).text === canonicalText(y).text) return "equivalent";
  const kinds = [keyRule(x).kind, keyRule(y).kind];
  if (kinds.includes("own") || kinds.includes("custom")) return "undecided";
  // The class is always part of the hashed content, whatever the defaults.
  const decided = !sameClass(x, y) || kinds.every((kind) => kind === "content");
  return decided ? "conclusively-different" : "undecided";
}

function sameClass(x: JsonObject, y: JsonObject): boolean {
  return ["__qualname__", "__module__"].every((name) => x.get(name) === y.get(name));
}
