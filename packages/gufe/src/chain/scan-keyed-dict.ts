import { referenceMember } from "./keyed-chain.ts";
import type { KeyedDictFacts } from "./read-keyed-dict.ts";

const quote = 0x22;
const backslash = 0x5c;
const deepest = 200;

/**
 * The facts of the keyed dict that begins at `start`, in one tight loop over the characters: three times as fast as token by token. It knows what Python
 * writes; whatever else there is (a fault, an escape in a name or a key, `NaN`, great depth), it gives up and returns undefined, and
 * `readKeyedDict` has the last word. What it returns is what that would return.
 */
export function scanKeyedDict(text: string, start: number): KeyedDictFacts | undefined {
  const references = new Set<string>();
  const isObject: boolean[] = [];
  // One slot an open container: the reference that this object is, if it is one.
  const referenceOf: (string | undefined)[] = [];
  let qualname: string | undefined;
  let module: string | undefined;
  let ownKey: string | undefined;
  let at = start;
  /** The name that the next value belongs to, where it matters. */
  let wanted = "";
  for (;;) {
    // A value begins here.
    let code = text.charCodeAt(at);
    if (code === quote) {
      const end = endOfString(text, at);
      if (end < 0) return undefined;
      if (wanted !== "") {
        const value = text.slice(at + 1, end - 1);
        if (value.includes("\\")) return undefined;
        if (wanted === referenceMember) referenceOf[referenceOf.length - 1] = value;
        else if (wanted === "__qualname__") qualname = value;
        else if (wanted === "__module__") module = value;
        else ownKey = value;
        wanted = "";
      }
      at = end;
    } else if (wanted !== "") {
      return undefined;
    } else if (code === 0x7b || code === 0x5b) {
      if (isObject.length === deepest) return undefined;
      at = afterBlank(text, at + 1);
      if (text.charCodeAt(at) === code + 2) {
        at += 1;
        if (isObject.length === 0) return { end: at, qualname, module, ownKey, references: [], badReferenceAt: undefined };
      } else {
        isObject.push(code === 0x7b);
        referenceOf.push(undefined);
        if (code === 0x5b) continue;
        at = readName();
        if (at < 0) return undefined;
        continue;
      }
    } else {
      at = endOfScalar(text, at, code);
      if (at < 0) return undefined;
    }
    // After a value: its container goes on, or ends, and then that is a value that has ended.
    for (;;) {
      at = afterBlank(text, at);
      code = text.charCodeAt(at);
      const inObject = isObject[isObject.length - 1];
      if (code === 0x2c) {
        at = afterBlank(text, at + 1);
        if (inObject) {
          at = readName();
          if (at < 0) return undefined;
        }
        break;
      }
      if (code !== (inObject ? 0x7d : 0x5d)) return undefined;
      at += 1;
      isObject.pop();
      const reference = referenceOf.pop();
      if (isObject.length === 0) {
        return { end: at, qualname, module, ownKey, references: [...references], badReferenceAt: undefined };
      }
      if (reference !== undefined) references.add(reference);
    }
  }

  /** From the quote of a name to the first character of its value; -1 to give up. */
  function readName(): number {
    if (text.charCodeAt(at) !== quote) return -1;
    const end = endOfPlainString(text, at);
    if (end < 0) return -1;
    const first = text.charCodeAt(at + 1);
    if (isObject.length > 1) {
      if (first === 0x3a && end - at === referenceMember.length + 2 && text.startsWith(referenceMember, at + 1))
        wanted = referenceMember;
    } else if (first === 0x5f) {
      const name = text.slice(at + 1, end - 1);
      if (name === "__qualname__" || name === "__module__" || name === "_key") wanted = name;
    }
    const colon = afterBlank(text, end);
    return text.charCodeAt(colon) === 0x3a ? afterBlank(text, colon + 1) : -1;
  }
}

function afterBlank(text: string, at: number): number {
  let i = at;
  for (let code = text.charCodeAt(i); code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09; )
    code = text.charCodeAt(++i);
  return i;
}

/** After the closing quote; -1 for what may not stand in a string, or an escape that has to be looked at closely. */
function endOfString(text: string, at: number): number {
  for (let i = at + 1; ; i += 1) {
    const code = text.charCodeAt(i);
    if (code === quote) return i + 1;
    if (code === backslash) {
      i = lastOfEscape(text, i);
      if (i < 0) return -1;
    } else if (!(code >= 0x20)) return -1;
  }
}

/** As {@link endOfString}, and -1 for any escape. */
function endOfPlainString(text: string, at: number): number {
  for (let i = at + 1; ; i += 1) {
    const code = text.charCodeAt(i);
    if (code === quote) return i + 1;
    if (code === backslash || !(code >= 0x20)) return -1;
  }
}

function lastOfEscape(text: string, at: number): number {
  switch (text.charCodeAt(at + 1)) {
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
        const code = text.charCodeAt(i);
        const isHex = (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66) || (code >= 0x41 && code <= 0x46);
        if (!isHex) return -1;
      }
      return at + 5;
    default:
      return -1;
  }
}

function endOfScalar(text: string, at: number, first: number): number {
  switch (first) {
    case 0x74:
      return text.startsWith("true", at) ? at + 4 : -1;
    case 0x66:
      return text.startsWith("false", at) ? at + 5 : -1;
    case 0x6e:
      return text.startsWith("null", at) ? at + 4 : -1;
    default:
      return endOfNumber(text, at, first);
  }
}

function endOfNumber(text: string, at: number, first: number): number {
  let i = at;
  let code = first;
  if (code === 0x2d) code = text.charCodeAt(++i);
  if (code === 0x30) code = text.charCodeAt(++i);
  else {
    if (!isDigit(code)) return -1;
    do code = text.charCodeAt(++i);
    while (isDigit(code));
  }
  if (code === 0x2e) {
    code = text.charCodeAt(++i);
    if (!isDigit(code)) return -1;
    do code = text.charCodeAt(++i);
    while (isDigit(code));
  }
  if (code === 0x65 || code === 0x45) {
    code = text.charCodeAt(++i);
    if (code === 0x2b || code === 0x2d) code = text.charCodeAt(++i);
    if (!isDigit(code)) return -1;
    do code = text.charCodeAt(++i);
    while (isDigit(code));
  }
  return i;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
