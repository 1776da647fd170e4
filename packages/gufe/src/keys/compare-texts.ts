import { ShapeError } from "../errors.ts";
import { type Canonical, canonicalText } from "./canonical-text.ts";

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
  let texts: [Canonical, Canonical];
  try {
    texts = [canonicalText(a), canonicalText(b)];
  } catch (error) {
    if (error instanceof ShapeError) return "undecided";
    throw error;
  }
  const [x, y] = texts;
  if (x.text === y.text) return "equivalent";
  const kinds = [x.rule.kind, y.rule.kind];
  if (kinds.includes("own") || kinds.includes("custom")) return "undecided";
  // The class is always part of the hashed content, whatever the defaults.
  const decided = x.qualname !== y.qualname || x.module !== y.module || kinds.every((kind) => kind === "content");
  return decided ? "conclusively-different" : "undecided";
}
