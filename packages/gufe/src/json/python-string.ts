/** Strings as Python's `json.dumps` writes them. */

const escapes: string[] = Array.from({ length: 0x100 }, (_, code) =>
  code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : `\\u${code.toString(16).padStart(4, "0")}`,
);
for (const [character, short] of [
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\f", "\\f"],
  ["\b", "\\b"],
] as const) {
  escapes[character.charCodeAt(0)] = short;
}

const nothingToEscape = /^[ !#-[\]-~]*$/;

/**
 * The string in double quotes, ASCII only: `\" \\ \n \r \t \f \b`, everything else outside U+0020…U+007E (so U+007F too) as
 * `\uxxxx` in lower case, astral characters as two of them, lone surrogates as one. (spec/gufe.md §1.3)
 */
export function pythonString(value: string): string {
  return `"${pythonStringContent(value)}"`;
}

/** The same without the quotes; pieces of one string may be escaped one after another. */
export function pythonStringContent(value: string): string {
  if (nothingToEscape.test(value)) return value;
  let out = "";
  let plainFrom = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= 0x20 && code < 0x7f && code !== 0x22 && code !== 0x5c) continue;
    if (i > plainFrom) out += value.slice(plainFrom, i);
    out += escapes[code] ?? `\\u${code.toString(16).padStart(4, "0")}`;
    plainFrom = i + 1;
  }
  return plainFrom < value.length ? out + value.slice(plainFrom) : out;
}

/**
 * Whether the string token `text[start, end)`, quotes included, has exactly the characters that `pythonString` would give its
 * value. The token must be a valid one.
 */
export function isPythonString(text: string, start: number, end: number): boolean {
  for (let i = start + 1; i < end - 1; ) {
    const code = text.charCodeAt(i);
    if (code !== 0x5c) {
      if (code > 0x7e) return false;
      i += 1;
    } else if (text.charCodeAt(i + 1) !== 0x75) {
      if (text.charCodeAt(i + 1) === 0x2f) return false;
      i += 2;
    } else {
      if (!isPythonEscape(text, i + 2)) return false;
      i += 6;
    }
  }
  return true;
}

/** Whether four hexadecimal digits are lower case and stand for a unit that Python escapes in this way. */
function isPythonEscape(text: string, at: number): boolean {
  let unit = 0;
  for (let i = at; i < at + 4; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x39 && code < 0x61) return false;
    unit = unit * 16 + (code <= 0x39 ? code - 0x30 : code - 0x57);
  }
  return unit >= 0x7f || (unit < 0x20 && (escapes[unit] as string).length === 6);
}
