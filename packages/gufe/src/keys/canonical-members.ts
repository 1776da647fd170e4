import { referenceMember } from "../chain/keyed-chain.ts";
import { ShapeError } from "../errors.ts";
import { JsonNumber } from "../json/json.ts";
import { JsonReader, Token } from "../json/json-reader.ts";
import { isPythonString, pythonString } from "../json/python-string.ts";
import { compareCodePoints } from "./compare-code-points.ts";
import { nativeOrder } from "./native-order.ts";
import { pythonNumber } from "./python-number.ts";

/** The canonical texts of an object's members by name. */
export interface CanonicalMembers {
  readonly members: ReadonlyMap<string, string>;
  /** Members inside which some object has numeric names only, which sort differently as numbers. */
  readonly ambiguous: ReadonlySet<string>;
}

/**
 * The canonical text of each member of a keyed dict: what Python's `json.dumps` with sorted names writes of what it reads
 * (spec/gufe.md §1.3), references reduced to their key.
 *
 * Python wrote nearly all of a text in that form already, so what is canonical is taken as slices of it and only the rest is built
 * anew: six times faster than parsing a tree and printing it. Linear but for the sorting, at any depth.
 *
 * `asNumbers`: whether objects with numeric names inside this member of the root are sorted as numbers.
 * Throws `JsonSyntaxError`, and `ShapeError` where the text is no object.
 */
export function canonicalMembers(text: string, asNumbers: (rootMember: string) => boolean): CanonicalMembers {
  const reader = new JsonReader(text);
  if (reader.next() !== Token.objectStart) throw new ShapeError("not-an-object", "", "A keyed dict must be a JSON object");
  const members = new Map<string, string>();
  const ambiguous = new Set<string>();
  while (reader.next() === Token.name) {
    const name = reader.stringValue();
    const value = readCanonical(reader, asNumbers(name));
    members.set(name, value.text);
    if (value.isAmbiguous) ambiguous.add(name);
    else ambiguous.delete(name);
  }
  reader.next();
  return { members, ambiguous };
}

/** The canonical text of the next value. */
function readCanonical(reader: JsonReader, asNumbers: boolean): { readonly text: string; readonly isAmbiguous: boolean } {
  const source = reader.text;
  const open: (ArrayFrame | ObjectFrame)[] = [];
  let isAmbiguous = false;
  for (;;) {
    const token = reader.next();
    let start = reader.start;
    const end = reader.end;
    /** The value's canonical text, where it is not what the source has between start and end. */
    let built: string | undefined;
    switch (token) {
      case Token.objectStart:
        open.push(new ObjectFrame(source, start));
        continue;
      case Token.arrayStart:
        open.push(new ArrayFrame(source, start));
        continue;
      case Token.name:
        (open[open.length - 1] as ObjectFrame).name(reader.stringValue(), start, end);
        continue;
      case Token.objectEnd:
      case Token.arrayEnd: {
        const frame = open.pop() as ArrayFrame | ObjectFrame;
        start = frame.start;
        built = frame.close(end, asNumbers);
        isAmbiguous ||= frame.isAmbiguous;
        break;
      }
      case Token.string:
        if (!reader.isPlainString && !isPythonString(source, start, end)) built = pythonString(reader.stringValue());
        break;
      case Token.number:
        built = rewritten(source, start, end);
        break;
      default:
    }
    const frame = open[open.length - 1];
    if (frame === undefined) return { text: built ?? source.slice(start, end), isAmbiguous };
    frame.add(start, end, built);
  }
}

/** The number as Python writes it again, where that differs. */
function rewritten(source: string, start: number, end: number): string | undefined {
  if (isPlainInteger(source, start, end)) return undefined;
  const text = source.slice(start, end);
  const written = pythonNumber(new JsonNumber(text));
  return written === text ? undefined : written;
}

/** Most numbers are integers, which are written as they are read; `-0` is not. */
function isPlainInteger(source: string, start: number, end: number): boolean {
  for (let i = source.charCodeAt(start) === 0x2d && end > start + 2 ? start + 1 : start; i < end; i++) {
    const code = source.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** An array being read: as long as its source is canonical, only how far that goes. */
class ArrayFrame {
  readonly start: number;
  readonly isAmbiguous = false;
  readonly #source: string;
  #lastEnd: number;
  #isEmpty = true;
  /** Canonical pieces, once the source is not. */
  #pieces: string[] | undefined;

  constructor(source: string, start: number) {
    this.#source = source;
    this.start = start;
    this.#lastEnd = start + 1;
  }

  add(start: number, end: number, built: string | undefined): void {
    if (this.#pieces === undefined) {
      if (built === undefined && follows(this.#source, this.#lastEnd, start, this.#isEmpty)) {
        this.#lastEnd = end;
        this.#isEmpty = false;
        return;
      }
      this.#pieces = this.#isEmpty ? [] : [this.#source.slice(this.start + 1, this.#lastEnd)];
    }
    this.#pieces.push(built ?? this.#source.slice(start, end));
  }

  close(end: number): string | undefined {
    if (this.#pieces !== undefined) return `[${this.#pieces.join(", ")}]`;
    return end === this.#lastEnd + 1 ? undefined : `[${this.#source.slice(this.start + 1, this.#lastEnd)}]`;
  }
}

interface Member {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly built: string | undefined;
}

/** An object being read. */
class ObjectFrame {
  readonly start: number;
  isAmbiguous = false;
  readonly #source: string;
  readonly #members: Member[] = [];
  #lastEnd: number;
  /** The source so far is canonical, the order of names included. */
  #isVerbatim = true;
  #name = "";
  #nameStart = 0;
  #nameEnd = 0;

  constructor(source: string, start: number) {
    this.#source = source;
    this.start = start;
    this.#lastEnd = start + 1;
  }

  name(name: string, start: number, end: number): void {
    this.#name = name;
    this.#nameStart = start;
    this.#nameEnd = end;
  }

  add(start: number, end: number, built: string | undefined): void {
    const previous = this.#members[this.#members.length - 1];
    this.#isVerbatim &&=
      built === undefined &&
      follows(this.#source, this.#lastEnd, this.#nameStart, previous === undefined) &&
      start === this.#nameEnd + 2 &&
      this.#source.startsWith(": ", this.#nameEnd) &&
      isPythonString(this.#source, this.#nameStart, this.#nameEnd) &&
      (previous === undefined || compareCodePoints(previous.name, this.#name) < 0);
    this.#lastEnd = end;
    this.#members.push({ name: this.#name, start, end, built });
  }

  close(end: number, asNumbers: boolean): string | undefined {
    // Other members of a reference are ignored on reading, so they are not part of the content.
    const reference = this.#members.findLast((member) => member.name === referenceMember);
    if (reference !== undefined) return this.#printed([reference]);
    if (this.#isVerbatim && end === this.#lastEnd + 1 && !startsLikeNumber(this.#members[0]?.name ?? "")) return undefined;
    const sorted = [...new Map(this.#members.map((member) => [member.name, member])).entries()].sort((a, b) =>
      compareCodePoints(a[0], b[0]),
    );
    const native = nativeOrder(sorted) ?? sorted;
    this.isAmbiguous = native.some((member, i) => member !== sorted[i]);
    return this.#printed((asNumbers ? native : sorted).map(([, member]) => member));
  }

  #printed(members: readonly Member[]): string {
    return `{${members.map(({ name, start, end, built }) => `${pythonString(name)}: ${built ?? this.#source.slice(start, end)}`).join(", ")}}`;
  }
}

/** Whether what starts here follows the opening bracket or, after `", "`, what ended at `lastEnd`. */
function follows(source: string, lastEnd: number, start: number, isFirst: boolean): boolean {
  return isFirst ? start === lastEnd : start === lastEnd + 2 && source.startsWith(", ", lastEnd);
}

/** Whether names of an object that begins with this one may all be numbers as Python writes them, or `true` and `false`. */
function startsLikeNumber(name: string): boolean {
  return /^[-0-9Itf]/.test(name);
}
