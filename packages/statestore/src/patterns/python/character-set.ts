/** Whether a character belongs to a set of a pattern. Characters are code points. */
import { asciiLowerCase, caseVariants, lowerCase } from "./letter-case.ts";
import type { CategoryName, CharacterSet, SetMember } from "./syntax-tree.ts";

/** Answers are kept: for ASCII in a table, for the others in a map. */
export function membershipOf(set: CharacterSet): (code: number) => boolean {
  const decide = decider(set);
  const ascii = new Uint8Array(128);
  for (let code = 0; code < 128; code++) ascii[code] = decide(code) ? 1 : 0;
  const known = new Map<number, boolean>();
  return (code) => {
    if (code < 128) return ascii[code] === 1;
    let belongs = known.get(code);
    if (belongs === undefined) {
      belongs = decide(code);
      known.set(code, belongs);
    }
    return belongs;
  };
}

function decider({ members, negated, folding }: CharacterSet): (code: number) => boolean {
  return (code) => {
    const lower = folding === "unicode" ? lowerCase(code) : folding === "ascii" ? asciiLowerCase(code) : code;
    const same = variants(code, folding);
    const found = members.some((member) =>
      member.kind === "category" ? inCategory(member, lower) : same.some((variant) => inRange(member, variant)),
    );
    return found !== negated;
  };
}

/** What may stand in the pattern for a character of the text. */
function variants(code: number, folding: CharacterSet["folding"]): readonly number[] {
  if (folding === "unicode") return caseVariants(code);
  if (folding === "none") return [code];
  const lower = asciiLowerCase(code);
  return lower >= 97 && lower <= 122 ? [lower, lower - 32] : [code];
}

function inRange({ low, high }: { readonly low: number; readonly high: number }, code: number): boolean {
  return low <= code && code <= high;
}

const digit = /^\p{Nd}$/u;
const word = /^[\p{L}\p{N}_]$/u;
const separator = /^\p{Z}$/u;

function inCategory({ name, negated, ascii }: SetMember & { kind: "category" }, code: number): boolean {
  return (!(ascii && code > 127) && belongs(name, code, ascii)) !== negated;
}

function belongs(name: CategoryName, code: number, ascii: boolean): boolean {
  const character = String.fromCodePoint(code);
  if (name !== "space") return (name === "digit" ? digit : word).test(character);
  // Tabs and line ends; outside of ASCII mode also what separates files, groups, records and units, although that is ASCII.
  return (code >= 9 && code <= 13) || (!ascii && ((code >= 28 && code <= 31) || code === 0x85)) || separator.test(character);
}

const asWord = { kind: "category", name: "word", negated: false } as const;
/** What a boundary lies beside. */
export const unicodeWord: CharacterSet = { members: [{ ...asWord, ascii: false }], negated: false, folding: "none" };
export const asciiWord: CharacterSet = { members: [{ ...asWord, ascii: true }], negated: false, folding: "none" };
