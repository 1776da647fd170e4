/**
 * The tokens of JSON as Python writes it, in UTF-8 bytes: each function takes where something begins, and gives the position after it, or -1 where it does
 * not stand there. Bytes above 126 are not looked at: whether they are UTF-8 is for the caller to know.
 */

const tab = 0x09;
const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
export const quote = 0x22;
export const comma = 0x2c;
export const dash = 0x2d;
export const colon = 0x3a;
export const openBracket = 0x5b;
const backslash = 0x5c;
export const closeBracket = 0x5d;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;

/** After spaces and line ends, if there are any. */
export function afterBlank(bytes: Uint8Array, at: number): number {
  let i = at;
  for (let code = bytes[i]; code === space || code === newline || code === carriageReturn || code === tab; ) code = bytes[++i];
  return i;
}

/** After the closing quote; -1 for what may not stand in a string. */
export function endOfString(bytes: Uint8Array, at: number): number {
  const { length } = bytes;
  for (let i = at + 1; i < length; i += 1) {
    const code = bytes[i] as number;
    if (code === quote) return i + 1;
    if (code === backslash) {
      i = lastOfEscape(bytes, i);
      if (i < 0) return -1;
    } else if (code < space) return -1;
  }
  return -1;
}

/** As {@link endOfString}, of a string of ASCII characters; -1 for any other, for an escape, and for what is no string. */
export function endOfPlainString(bytes: Uint8Array, at: number): number {
  const { length } = bytes;
  if (bytes[at] !== quote) return -1;
  for (let i = at + 1; i < length; i += 1) {
    const code = bytes[i] as number;
    if (code === quote) return i + 1;
    if (code === backslash || code < space || code > 0x7e) return -1;
  }
  return -1;
}

function lastOfEscape(bytes: Uint8Array, at: number): number {
  switch (bytes[at + 1]) {
    case quote:
    case backslash:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return at + 1;
    case 0x75:
      for (let i = at + 2; i < at + 6; i += 1) {
        if (!isHexDigit(bytes[i] as number)) return -1;
      }
      return at + 5;
    default:
      return -1;
  }
}

const encoder = new TextEncoder();
const words = ["true", "false", "null", "NaN", "Infinity", "-Infinity"].map((word) => encoder.encode(word));

/** After a number, or a word; `first` is the byte at `at`. */
export function endOfScalar(bytes: Uint8Array, at: number, first: number): number {
  if (isDigit(first) || (first === dash && bytes[at + 1] !== 0x49)) return endOfNumber(bytes, at, first);
  for (const word of words) if (word[0] === first && isText(bytes, at, word)) return at + word.length;
  return -1;
}

function endOfNumber(bytes: Uint8Array, at: number, first: number): number {
  let i = at;
  let code = first;
  if (code === dash) code = bytes[++i] as number;
  if (code === 0x30) code = bytes[++i] as number;
  else {
    if (!isDigit(code)) return -1;
    do code = bytes[++i] as number;
    while (isDigit(code));
  }
  if (code === 0x2e) {
    code = bytes[++i] as number;
    if (!isDigit(code)) return -1;
    do code = bytes[++i] as number;
    while (isDigit(code));
  }
  if (code === 0x65 || code === 0x45) {
    code = bytes[++i] as number;
    if (code === 0x2b || code === dash) code = bytes[++i] as number;
    if (!isDigit(code)) return -1;
    do code = bytes[++i] as number;
    while (isDigit(code));
  }
  return i;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isHexDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66) || (code >= 0x41 && code <= 0x46);
}

/** Whether `text` stands at `start`. */
export function isText(bytes: Uint8Array, start: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i += 1) if (bytes[start + i] !== text[i]) return false;
  return true;
}
