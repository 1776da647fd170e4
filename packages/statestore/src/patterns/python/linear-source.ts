/**
 * A pattern in the syntax of RE2, which searches in time linear in the text. Only whether a text matches is asked, so groups capture nothing, and
 * greedy and lazy repetitions are the same.
 */
import { casedLowerCases, caseVariants, charactersOfLowerCase } from "./letter-case.ts";
import type { CharacterSet, PatternNode, PythonPattern, Sequence, SetMember } from "./syntax-tree.ts";

export interface LinearSource {
  readonly source: string;
  /** Holds only for texts that are not empty and of ASCII alone: RE2's words are of ASCII, and an empty text has no place that is no boundary. */
  readonly asciiOnly: boolean;
}

/** RE2 counts no further. */
const mostCounted = 1000;

class NotLinear extends Error {}

/** Null where a pattern has something that RE2 has not: lookaround, references, conditions, atomic parts, a `$` that more can follow. */
export function linearSource({ body }: PythonPattern): LinearSource | null {
  const state = { asciiOnly: false };
  try {
    return { source: sequence(body, state, true), asciiOnly: state.asciiOnly };
  } catch (error) {
    if (error instanceof NotLinear) return null;
    throw error;
  }
}

interface State {
  asciiOnly: boolean;
}

/** `last`: nothing follows but the end of the pattern. */
function sequence(nodes: Sequence, state: State, last: boolean): string {
  return nodes.map((node, i) => written(node, state, last && i === nodes.length - 1)).join("");
}

function written(node: PatternNode, state: State, last: boolean): string {
  switch (node.kind) {
    case "character":
      return writtenSet(node.set);
    case "place":
      return place(node, state, last);
    case "group":
      return `(?:${sequence(node.body, state, last)})`;
    case "branch":
      return `(?:${node.branches.map((branch) => sequence(branch, state, last)).join("|")})`;
    case "repeat": {
      const { least, most, mode } = node;
      if (mode === "possessive") throw new NotLinear();
      if (least > mostCounted || (most > mostCounted && most !== Number.POSITIVE_INFINITY)) throw new NotLinear();
      const body = `(?:${sequence(node.body, state, false)})`;
      if (least === 0 && most === 0) return "(?:)";
      return `${body}{${least},${most === Number.POSITIVE_INFINITY ? "" : most}}`;
    }
    default:
      throw new NotLinear();
  }
}

function place({ place: kind, ascii }: PatternNode & { kind: "place" }, state: State, last: boolean): string {
  switch (kind) {
    case "text start":
      return "\\A";
    case "text end":
      return "\\z";
    case "last line end":
      // A newline that ends the text is taken along, which does no harm where nothing follows.
      if (!last) throw new NotLinear();
      return "(?:\\n?\\z)";
    case "line start":
      return "(?m:^)";
    case "line end":
      return "(?m:$)";
    case "boundary":
    case "no boundary":
      if (!ascii || kind === "no boundary") state.asciiOnly = true;
      return kind === "boundary" ? "\\b" : "\\B";
  }
}

function writtenSet({ members, negated, folding }: CharacterSet): string {
  const ranges: string[] = [];
  let otherwise = false;
  for (const member of members) {
    if (member.kind === "range") {
      ranges.push(range(member.low, member.high));
      if (folding !== "none") for (const code of withOtherCases(member, folding)) ranges.push(range(code, code));
    } else if (member.name === "word" && member.negated && !member.ascii) {
      otherwise = true;
    } else ranges.push(category(member));
  }
  if (otherwise) {
    // Sets cannot lie in each other.
    if (negated && ranges.length > 0) throw new NotLinear();
    if (negated) return "[\\p{L}\\p{N}_]";
    return ranges.length === 0 ? "[^\\p{L}\\p{N}_]" : `(?:[${ranges.join("")}]|[^\\p{L}\\p{N}_])`;
  }
  if (ranges.length === 0) return negated ? "(?s:.)" : "[^\\x00-\\x{10ffff}]";
  return `[${negated ? "^" : ""}${ranges.join("")}]`;
}

function withOtherCases({ low, high }: SetMember & { kind: "range" }, folding: "ascii" | "unicode"): number[] {
  if (folding === "ascii") {
    const codes: number[] = [];
    for (let upper = 65; upper <= 90; upper++) {
      if (low <= upper && upper <= high) codes.push(upper + 32);
      if (low <= upper + 32 && upper + 32 <= high) codes.push(upper);
    }
    return codes;
  }
  if (low === high) return [...caseVariants(low)];
  return casedLowerCases().flatMap((lower) =>
    charactersOfLowerCase(lower).some((code) => low <= code && code <= high) ? caseVariants(lower) : [],
  );
}

function range(low: number, high: number): string {
  const written = (code: number) => `\\x{${code.toString(16)}}`;
  return low === high ? written(low) : `${written(low)}-${written(high)}`;
}

const spaces = "\\t-\\r\\x1c-\\x20\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}";
const noSpaces =
  "\\x00-\\x08\\x0e-\\x1b\\x21-\\x{84}\\x{86}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{10ffff}";

function category({ name, negated, ascii }: SetMember & { kind: "category" }): string {
  switch (name) {
    case "digit":
      if (ascii) return negated ? "\\x00-/:-\\x{10ffff}" : "0-9";
      return negated ? "\\P{Nd}" : "\\p{Nd}";
    case "space":
      if (ascii) return negated ? "\\x00-\\x08\\x0e-\\x1f\\x21-\\x{10ffff}" : "\\t-\\r\\x20";
      return negated ? noSpaces : spaces;
    case "word":
      // The negated one of Unicode does not come here.
      if (ascii) return negated ? "\\x00-/:-@\\x5b-\\x5e\\x60\\x7b-\\x{10ffff}" : "0-9A-Za-z_";
      return "\\p{L}\\p{N}_";
  }
}
