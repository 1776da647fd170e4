/**
 * The entries of a keyed chain in one tight pass over its bytes, without making a string, a list or a set of an entry: several times as fast as token by token,
 * and next to no garbage, where a server reads one network after another.
 *
 * It knows what Python writes. Whatever else there is (a fault, a key that comes again, an escape in a name or a key, great depth) it gives up, and
 * `sliceKeyedChain` has the last word. What it finds is what that would find.
 */
import {
  afterBlank,
  closeBrace,
  closeBracket,
  colon,
  comma,
  dash,
  endOfPlainString,
  endOfScalar,
  endOfString,
  isDigit,
  isText,
  openBrace,
  openBracket,
  quote,
} from "../json/json-bytes.ts";
import { KeyPlaces } from "./key-places.ts";
import { referenceMember } from "./keyed-chain.ts";

/** What is known of each entry, by its place in the chain. Positions are bytes from the start of what was scanned. */
export interface ChainLayout {
  readonly bytes: Uint8Array;
  /** After the closing bracket. */
  readonly end: number;
  readonly keys: readonly string[];
  readonly qualnames: readonly string[];
  readonly modules: readonly string[];
  /** Where the keyed dict of each begins and ends. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** The places of what they refer to, distinct and in order of appearance, one entry after the other; and where those of each end. */
  readonly references: readonly number[];
  readonly referenceEnds: readonly number[];
  /** The member `name` where it is a text, with its quotes; both -1 where it is none. */
  readonly nameStarts: readonly number[];
  readonly nameEnds: readonly number[];
  /** What members are that are a reference, as places; -1 where they are not. */
  readonly stateA: readonly number[];
  readonly stateB: readonly number[];
  readonly system: readonly number[];
  readonly protocol: readonly number[];
  /** Of the last entry, what its members are that are lists of references and of nothing else. */
  readonly nodes: readonly number[] | undefined;
  readonly edges: readonly number[] | undefined;
}

/** The chain whose `[` stands at `start` or after blanks; undefined where it has to be looked at closely. */
export function chainLayout(bytes: Uint8Array, start = 0): ChainLayout | undefined {
  return new LayoutReader(bytes).read(start);
}

const deepest = 200;
const tokenLength = 32;

const encoder = new TextEncoder();
const ascii = new TextDecoder("latin1");
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const referenceName = encoder.encode(referenceMember);

/** The members of a keyed dict that matter; the rest are 0. */
const member = {
  qualname: 1,
  module: 2,
  ownKey: 3,
  name: 4,
  stateA: 5,
  stateB: 6,
  system: 7,
  protocol: 8,
  nodes: 9,
  edges: 10,
} as const;
const memberNames = (
  [
    ["__qualname__", member.qualname],
    ["__module__", member.module],
    ["_key", member.ownKey],
    ["name", member.name],
    ["stateA", member.stateA],
    ["stateB", member.stateB],
    ["system", member.system],
    ["protocol", member.protocol],
    ["nodes", member.nodes],
    ["edges", member.edges],
  ] as const
).map(([name, code]) => ({ bytes: encoder.encode(name), code }));
/** Those of each length: as a rule none or one. */
const membersByLength = Array.from({ length: 13 }, (_, length) => memberNames.filter(({ bytes }) => bytes.length === length));

class LayoutReader {
  readonly #bytes: Uint8Array;
  readonly #places: KeyPlaces;
  /** What ends each of the open containers, by depth. */
  readonly #closings = new Uint8Array(deepest + 1);
  /** What members of the dict refer to, as places. */
  readonly #found = new Int32Array(member.edges + 1);
  /** The last entry that referred to each. */
  readonly #referredBy: number[] = [];
  readonly #words = new Map<string, string>();
  readonly #keyStarts: number[] = [];
  readonly #keyEnds: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #qualnames: string[] = [];
  readonly #modules: string[] = [];
  readonly #references: number[] = [];
  readonly #referenceEnds: number[] = [];
  readonly #nameStarts: number[] = [];
  readonly #nameEnds: number[] = [];
  readonly #stateA: number[] = [];
  readonly #stateB: number[] = [];
  readonly #system: number[] = [];
  readonly #protocol: number[] = [];
  #nodes: number[] | undefined;
  #edges: number[] | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#places = new KeyPlaces(bytes);
  }

  read(start: number): ChainLayout | undefined {
    const bytes = this.#bytes;
    let at = afterBlank(bytes, start);
    if (bytes[at] !== openBracket) return undefined;
    do {
      at = this.#pair(afterBlank(bytes, at + 1));
      if (at < 0) return undefined;
      at = afterBlank(bytes, at);
    } while (bytes[at] === comma);
    if (bytes[at] !== closeBracket) return undefined;
    return {
      bytes,
      end: at + 1,
      keys: asciiTexts(bytes, this.#keyStarts, this.#keyEnds),
      qualnames: this.#qualnames,
      modules: this.#modules,
      starts: this.#starts,
      ends: this.#ends,
      references: this.#references,
      referenceEnds: this.#referenceEnds,
      nameStarts: this.#nameStarts,
      nameEnds: this.#nameEnds,
      stateA: this.#stateA,
      stateB: this.#stateB,
      system: this.#system,
      protocol: this.#protocol,
      nodes: this.#nodes,
      edges: this.#edges,
    };
  }

  /** From the bracket of a pair to what comes after it; -1 to give up, as everywhere here. */
  #pair(start: number): number {
    const bytes = this.#bytes;
    if (bytes[start] !== openBracket) return -1;
    const opening = afterBlank(bytes, start + 1);
    const closing = endOfPlainString(bytes, opening);
    if (closing < 0) return -1;
    const keyStart = opening + 1;
    const keyEnd = closing - 1;
    const prefixEnd = endOfPrefix(bytes, keyStart, keyEnd);
    if (prefixEnd < 0 || this.#places.find(keyStart, keyEnd) >= 0) return -1;
    let at = afterBlank(bytes, closing);
    if (bytes[at] !== comma) return -1;
    at = afterBlank(bytes, at + 1);
    if (bytes[at] !== openBrace) return -1;
    this.#keyStarts.push(keyStart);
    this.#keyEnds.push(keyEnd);
    this.#starts.push(at);
    at = this.#dict(at, keyStart, prefixEnd, keyEnd);
    if (at < 0) return -1;
    this.#ends.push(at);
    this.#referenceEnds.push(this.#references.length);
    if (!this.#places.add(keyStart, keyEnd)) return -1;
    this.#referredBy.push(-1);
    at = afterBlank(bytes, at);
    return bytes[at] === closeBracket ? at + 1 : -1;
  }

  #dict(start: number, keyStart: number, prefixEnd: number, keyEnd: number): number {
    const bytes = this.#bytes;
    const closings = this.#closings;
    let at = afterBlank(bytes, start + 1);
    let depth = 1;
    closings[1] = closeBrace;
    /** The member of the dict that `at` is in, and those of which something is known. */
    let within = 0;
    let qualnameStart = -1;
    let qualnameEnd = -1;
    let moduleStart = -1;
    let moduleEnd = -1;
    let nameStart = -1;
    let nameEnd = -1;
    const found = this.#found.fill(-1);
    let nodes: number[] | undefined;
    let edges: number[] | undefined;
    let list: number[] = [];
    let listed = 0;
    // The open object that is a reference, and to what. One within another is left to those with more patience.
    let referenceDepth = 0;
    let referenceStart = 0;
    let referenceEnd = 0;

    let inName = true;
    if (bytes[at] === closeBrace) return -1;
    for (;;) {
      let code = bytes[at] as number;
      if (inName) {
        let end = endOfPlainString(bytes, at);
        let isReference = false;
        if (end < 0) {
          end = endOfOddName(bytes, at);
          if (end < 0) return -1;
          within = depth === 1 ? 0 : within;
        } else if (depth > 1) {
          isReference = end - at === referenceName.length + 2 && bytes[at + 1] === colon && isText(bytes, at + 1, referenceName);
        } else {
          within = memberAt(bytes, at + 1, end - 1);
          if (within >= member.name) {
            // The last of repeated members counts.
            if (within === member.name) nameStart = nameEnd = -1;
            else if (within <= member.protocol) found[within] = -1;
            else {
              if (within === member.nodes) nodes = undefined;
              else edges = undefined;
              list = [];
              listed = 0;
            }
          }
        }
        at = afterBlank(bytes, end);
        if (bytes[at] !== colon) return -1;
        at = afterBlank(bytes, at + 1);
        code = bytes[at] as number;
        inName = false;
        if (isReference) {
          if (code !== quote || (referenceDepth !== 0 && referenceDepth !== depth)) return -1;
          const end = endOfPlainString(bytes, at);
          if (end < 0) return -1;
          referenceDepth = depth;
          referenceStart = at + 1;
          referenceEnd = end - 1;
        } else if (depth === 1 && within !== 0 && within <= member.ownKey) {
          if (code !== quote) return -1;
          const end = endOfPlainString(bytes, at);
          if (end < 0) return -1;
          if (within === member.ownKey) {
            if (!isSame(bytes, at + 1, end - 1, keyStart, keyEnd)) return -1;
          } else if (within === member.qualname) {
            qualnameStart = at + 1;
            qualnameEnd = end - 1;
          } else {
            moduleStart = at + 1;
            moduleEnd = end - 1;
          }
        }
      }
      // A value begins here.
      if (depth === 2 && within >= member.nodes) listed += 1;
      if (code === quote) {
        const end = endOfString(bytes, at);
        if (end < 0) return -1;
        if (depth === 1 && within === member.name) {
          nameStart = at;
          nameEnd = end;
        }
        at = end;
      } else if (code === openBrace || code === openBracket) {
        at = afterBlank(bytes, at + 1);
        depth += 1;
        if (depth > deepest) return -1;
        closings[depth] = code + 2;
        if (bytes[at] !== code + 2) {
          inName = code === openBrace;
          continue;
        }
      } else {
        at = endOfScalar(bytes, at, code);
        if (at < 0) return -1;
      }
      // After a value: its container goes on, or ends, and then that is a value that has ended.
      for (;;) {
        at = afterBlank(bytes, at);
        code = bytes[at] as number;
        const closing = closings[depth];
        if (code === comma) {
          at = afterBlank(bytes, at + 1);
          inName = closing === closeBrace;
          break;
        }
        if (code !== closing) return -1;
        at += 1;
        if (referenceDepth === depth) {
          referenceDepth = 0;
          const place = this.#places.find(referenceStart, referenceEnd);
          if (place < 0) return -1;
          this.#refer(place);
          if (depth === 2) {
            found[within] = place;
          } else if (depth === 3 && within >= member.nodes && closings[2] === closeBracket) {
            list.push(place);
          }
        } else if (depth === 2 && closing === closeBracket && list.length === listed) {
          if (within === member.nodes) nodes = list;
          else if (within === member.edges) edges = list;
        }
        depth -= 1;
        if (depth === 0) {
          if (moduleStart < 0 || !isSame(bytes, qualnameStart, qualnameEnd, keyStart, prefixEnd)) return -1;
          this.#qualnames.push(this.#word(this.#qualnames, qualnameStart, qualnameEnd));
          this.#modules.push(this.#word(this.#modules, moduleStart, moduleEnd));
          this.#nameStarts.push(nameStart);
          this.#nameEnds.push(nameEnd);
          this.#stateA.push(found[member.stateA] as number);
          this.#stateB.push(found[member.stateB] as number);
          this.#system.push(found[member.system] as number);
          this.#protocol.push(found[member.protocol] as number);
          this.#nodes = nodes;
          this.#edges = edges;
          return at;
        }
      }
    }
  }

  #refer(place: number): void {
    const entry = this.#starts.length;
    if (this.#referredBy[place] === entry) return;
    this.#referredBy[place] = entry;
    this.#references.push(place);
  }

  /** A text that many entries share; as a rule, that of the entry before. */
  #word(before: readonly string[], start: number, end: number): string {
    const last = before[before.length - 1];
    if (last !== undefined && isString(this.#bytes, start, end, last)) return last;
    const text = ascii.decode(this.#bytes.subarray(start, end));
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    this.#words.set(text, text);
    return text;
  }
}

/** Texts of ASCII characters: all decoded at once, as one call costs as much as thousands of characters. */
export function asciiTexts(bytes: Uint8Array, starts: readonly number[], ends: readonly number[]): string[] {
  let length = 0;
  for (let i = 0; i < starts.length; i += 1) length += (ends[i] as number) - (starts[i] as number);
  const joined = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < starts.length; i += 1) {
    for (let from = starts[i] as number; from < (ends[i] as number); from += 1) joined[at++] = bytes[from] as number;
  }
  const text = ascii.decode(joined);
  at = 0;
  return starts.map((start, i) => {
    const end = at + (ends[i] as number) - start;
    const slice = text.slice(at, end);
    at = end;
    return slice;
  });
}

/** Where the class name in a key ends; -1 where it is no key: `<class name>-<32 lowercase hex digits>`. */
function endOfPrefix(bytes: Uint8Array, start: number, end: number): number {
  const prefixEnd = end - tokenLength - 1;
  if (prefixEnd <= start || bytes[prefixEnd] !== dash) return -1;
  for (let i = start; i < prefixEnd; i += 1) if (bytes[i] === dash) return -1;
  for (let i = prefixEnd + 1; i < end; i += 1) {
    const code = bytes[i] as number;
    if (!isDigit(code) && !(code >= 0x61 && code <= 0x66)) return -1;
  }
  return prefixEnd;
}

function memberAt(bytes: Uint8Array, start: number, end: number): number {
  const sameLength = membersByLength[end - start];
  if (sameLength === undefined) return 0;
  for (let i = 0; i < sameLength.length; i += 1) {
    const { bytes: name, code } = sameLength[i] as (typeof memberNames)[number];
    if (isText(bytes, start, name)) return code;
  }
  return 0;
}

function isString(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i += 1) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

function isSame(bytes: Uint8Array, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  if (start < 0 || end - start !== otherEnd - otherStart) return false;
  for (let i = 0; i < end - start; i += 1) if (bytes[start + i] !== bytes[otherStart + i]) return false;
  return true;
}

/** After a name of any characters; -1 where it is none, or one that matters, spelt with escapes. */
function endOfOddName(bytes: Uint8Array, at: number): number {
  const end = bytes[at] === quote ? endOfString(bytes, at) : -1;
  if (end < 0) return -1;
  const name = encoder.encode(JSON.parse(utf8.decode(bytes.subarray(at, end))) as string);
  const matters = [referenceName, ...memberNames.map((known) => known.bytes)];
  return matters.some((known) => known.length === name.length && isText(name, 0, known)) ? -1 : end;
}
