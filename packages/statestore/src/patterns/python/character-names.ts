/** The names of characters in Unicode, as `\N{…}` takes them. */
import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

/**
 * Names of Unicode 14 (what Python 3.11 knows), from Python's `unicodedata`, in the order of their code points: a line holds the name, and before it
 * the code point in hexadecimal where it is not the next one. After an empty line the aliases. Read when a pattern first has a name in it.
 */
const file = new URL("./character-names.txt.br", import.meta.url);

let names: ReadonlyMap<string, number> | undefined;

/** The code point of a name, in any case; null where there is none. */
export function characterNamed(name: string): number | null {
  const ideograph = /^CJK UNIFIED IDEOGRAPH-([0-9A-F]{4,5})$/.exec(name)?.[1];
  if (ideograph !== undefined) {
    const code = Number.parseInt(ideograph, 16);
    return /^\p{Unified_Ideograph}$/u.test(String.fromCodePoint(code)) ? code : null;
  }
  if (name.startsWith("HANGUL SYLLABLE ")) return hangulSyllable(name.slice("HANGUL SYLLABLE ".length));
  names ??= readNames();
  return names.get(name.toUpperCase()) ?? null;
}

function readNames(): Map<string, number> {
  const read = new Map<string, number>();
  let next = 0;
  for (const line of brotliDecompressSync(readFileSync(file)).toString("latin1").split("\n")) {
    const tab = line.indexOf("\t");
    const code = tab < 0 ? next : Number.parseInt(line.slice(0, tab), 16);
    if (line !== "") read.set(line.slice(tab + 1), code);
    next = code + 1;
  }
  return read;
}

const leading = "G GG N D DD R M B BB S SS  J JJ C K T P H".split(" ");
const vowels = "A AE YA YAE EO E YEO YE O WA WAE OE YO U WEO WE WI YU EU YI I".split(" ");
const trailing = " G GG GS N NJ NH D L LG LM LB LS LT LP LH M B BS S SS NG J C K T P H".split(" ");

/** Syllables are made of the names of their parts, and not listed. */
function hangulSyllable(name: string): number | null {
  const parts = /^([^AEIOUWY]*)([AEIOUWY]+)([^AEIOUWY]*)$/.exec(name);
  if (parts === null) return null;
  const [l, v, t] = [leading.indexOf(parts[1] ?? ""), vowels.indexOf(parts[2] ?? ""), trailing.indexOf(parts[3] ?? "")];
  return l < 0 || v < 0 || t < 0 ? null : 0xac00 + (l * vowels.length + v) * trailing.length + t;
}
