/** Upper and lower case as Python's `re` compares them: by the lower case of each character, with a few that share an upper case. */

/** Lower-case characters that are the same to a pattern without case although they differ, because they have one upper case. */
const sameUpperCase: readonly string[] = [
  "iı",
  "sſ",
  "µμ",
  "\u0345\u03b9\u1fbe",
  "\u0390\u1fd3",
  "\u03b0\u1fe3",
  "βϐ",
  "εϵ",
  "θϑ",
  "κϰ",
  "πϖ",
  "ρϱ",
  "ςσ",
  "φϕ",
  "в\u1c80",
  "д\u1c81",
  "о\u1c82",
  "с\u1c83",
  "т\u1c84\u1c85",
  "ъ\u1c86",
  "ѣ\u1c87",
  "\u1c88\ua64b",
  "\u1e61\u1e9b",
  "\ufb05\ufb06",
];
const others = new Map<number, readonly number[]>();
for (const group of sameUpperCase) {
  const codes = Array.from(group, (letter) => letter.codePointAt(0) ?? 0);
  for (const code of codes) others.set(code, codes);
}

export function lowerCase(code: number): number {
  if (code < 128) return code >= 65 && code <= 90 ? code + 32 : code;
  return String.fromCodePoint(code).toLowerCase().codePointAt(0) ?? code;
}

export function asciiLowerCase(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

/** For a lower-case character: those that are taken for it. */
function sameLowerCases(code: number): readonly number[] {
  return others.get(code) ?? [code];
}

/** Beyond this no character has another case. */
const lastCased = 0x1e943;

let upperCases: ReadonlyMap<number, readonly number[]> | undefined;

/** All characters that have this lower case, itself among them. */
export function charactersOfLowerCase(code: number): readonly number[] {
  if (upperCases === undefined) {
    const found = new Map<number, number[]>();
    for (let upper = 0; upper <= lastCased; upper++) {
      const lower = lowerCase(upper);
      if (lower !== upper) found.set(lower, [...(found.get(lower) ?? [lower]), upper]);
    }
    upperCases = found;
  }
  return upperCases.get(code) ?? [code];
}

/** The lower-case characters that have others, and those others' lower cases: all for which case makes a difference. */
export function casedLowerCases(): readonly number[] {
  charactersOfLowerCase(0);
  return [...new Set([...(upperCases?.keys() ?? []), ...others.keys()])];
}

/** The characters that a pattern takes for this one when it ignores case, itself among them. */
export function caseVariants(code: number): readonly number[] {
  return sameLowerCases(lowerCase(code)).flatMap(charactersOfLowerCase);
}
