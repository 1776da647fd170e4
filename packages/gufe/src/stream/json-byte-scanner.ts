/** Reads JSON from UTF-8 bytes that come in chunks, without ever holding the whole. */
import { JsonLimitError, JsonSyntaxError, ShapeError } from "../errors.ts";
import type { Json } from "../json/json.ts";
import { parseJson } from "../json/parse-json.ts";

/** Names and indices that lead from the root to a value; empty for the root. The array is reused: copy it to keep it. */
export type BytePath = readonly (string | number)[];

/** What a value begins as. */
export type ValueKind = "object" | "array" | "string" | "other";

/**
 * What to do with a value: `skip` it, however long; `enter` an object or array and be asked about each of its values; `keep` it
 * whole, as a lossless tree, or its `text`; take a string's characters as Latin-1 `bytes`, as they come. `enter` on a scalar and `bytes` on
 * anything but a string skip it.
 */
export type Interest = "skip" | "enter" | "keep" | "text" | "bytes";

/** Who wants to know. May throw, which ends the reading. */
export interface ByteVisitor {
  /** Asked before each value inside entered containers, the root first. */
  interest(path: BytePath, kind: ValueKind): Interest;
  /** A value that was to be kept. */
  kept?(path: BytePath, value: Json): void;
  /** The text of a value, exactly as it is, and the bytes of the whole from which to which it goes; null where it has more than `maxKeptBytes`. */
  text?(path: BytePath, text: string | null, start: number, end: number): void;
  /** Next bytes of a string that was to be taken as bytes. The array is the visitor's own. */
  bytes?(path: BytePath, bytes: Uint8Array): void;
  /** An entered container, or a string taken as bytes, has ended. */
  left?(path: BytePath): void;
}

const sValue = 0;
const sValueOrEnd = 1;
const sName = 2;
const sNameOrEnd = 3;
const sColon = 4;
const sCommaOrEnd = 5;
const sString = 6;
const sEscape = 7;
const sUnicode = 8;
const sContinuation = 9;
const sMinus = 10;
const sZero = 11;
const sInteger = 12;
const sPoint = 13;
const sFraction = 14;
const sExponentStart = 15;
const sExponentSign = 16;
const sExponent = 17;
const sWord = 18;

const modeActive = 0;
const modeSkip = 1;
const modeKeep = 2;
const modeBytes = 3;
const modeText = 4;

const isArray = 0;
const isObject = 1;

/** Bytes within a string that need no attention: everything but `"`, `\`, control characters and what is not ASCII. */
const plain = new Uint8Array(256);
for (let byte = 0x20; byte < 0x80; byte++) plain[byte] = 1;
plain[0x22] = 0;
plain[0x5c] = 0;

/** The value of a hexadecimal digit, or 255. */
const hex = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16);
  hex[text.charCodeAt(0)] = digit;
  hex[text.toUpperCase().charCodeAt(0)] = digit;
}

/** What a short escape stands for, or 0. */
const shortEscape = new Uint8Array(256);
for (const [letter, byte] of Object.entries({ '"': 0x22, "\\": 0x5c, "/": 0x2f, b: 8, f: 12, n: 10, r: 13, t: 9 })) {
  shortEscape[letter.charCodeAt(0)] = byte;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A JSON reader for bytes in chunks of any size. Linear; memory is that of the values kept plus one byte of nesting a level.
 * Accepts exactly what `parseJson` accepts of the same text, and checks the UTF-8 of strings.
 * Throws `JsonSyntaxError` (`where` is the byte), `JsonLimitError` beyond `maxKeptBytes`, and what the visitor throws.
 */
export class JsonByteScanner {
  readonly #visitor: ByteVisitor;
  readonly #maxKeptBytes: number;
  readonly #containers: number[] = [];
  readonly #path: (string | number)[] = [];
  #state = sValue;
  #mode = modeActive;
  /** Depth at which a value that is not entered began, and its first byte. */
  #quietDepth = 0;
  #quietStart = 0;
  /** Bytes read in earlier chunks. */
  #offset = 0;

  /** The string being read is a member's name. */
  #isName = false;
  #unicodeDigits = 0;
  #unicode = 0;
  #continuations = 0;
  #continuationLow = 0x80;
  #continuationHigh = 0xbf;
  #lead = 0;
  #word = "";
  #wordAt = 0;

  /** Where in this chunk the kept token or value goes on from; −1 when nothing is kept. */
  #keepFrom = -1;
  #keptPieces: Uint8Array[] = [];
  #keptBytes = 0;
  /** A value whose text was wanted has become too long. */
  #isDropped = false;

  /** What the current chunk gave of a string taken as bytes. */
  #out: Uint8Array = new Uint8Array(0);
  #outLength = 0;

  constructor(visitor: ByteVisitor, options: { maxKeptBytes?: number } = {}) {
    this.#visitor = visitor;
    this.#maxKeptBytes = options.maxKeptBytes ?? 2 ** 26;
  }

  /** Reads the next chunk. The array may be reused afterwards. */
  write(chunk: Uint8Array): void {
    if (this.#keepFrom >= 0) this.#keepFrom = 0;
    this.#outLength = 0;
    let i = 0;
    while (i < chunk.length) {
      if (this.#state === sString) i = this.#mode === modeBytes ? this.#stringAsBytes(chunk, i) : this.#string(chunk, i);
      else i = this.#step(chunk, i, chunk[i] as number);
    }
    // Not chunk.slice: a Node Buffer's own slice is a view of memory that the caller may use again.
    if (this.#keepFrom >= 0) this.#keepPiece(new Uint8Array(chunk.subarray(this.#keepFrom)));
    this.#flushBytes();
    this.#offset += chunk.length;
  }

  /** Ends the text. Throws a `JsonSyntaxError` where it is not one whole value. */
  end(): void {
    const state = this.#state;
    if (this.#containers.length === 0 && (state === sZero || state === sInteger || state === sFraction || state === sExponent)) {
      this.#valueEnded(new Uint8Array(0), 0);
    }
    if (this.#containers.length > 0 || this.#state !== sCommaOrEnd) {
      throw new JsonSyntaxError("truncated", `byte ${this.#offset}`, "Not JSON: the text ends too early");
    }
  }

  /** One byte outside strings' plain content. Returns the index to go on from: the same where the byte is to be read again. */
  #step(chunk: Uint8Array, i: number, byte: number): number {
    switch (this.#state) {
      case sValue:
      case sValueOrEnd:
        if (isBlank(byte)) return i + 1;
        if (byte === 0x5d && this.#state === sValueOrEnd) return this.#close(chunk, i);
        return this.#value(i, byte);
      case sNameOrEnd:
      case sName:
        if (isBlank(byte)) return i + 1;
        if (byte === 0x7d && this.#state === sNameOrEnd) return this.#close(chunk, i);
        if (byte !== 0x22) throw this.#error(i, "expected a member name in double quotes");
        this.#isName = true;
        this.#state = sString;
        if (this.#mode === modeActive) this.#keepFrom = i;
        return i + 1;
      case sColon:
        if (isBlank(byte)) return i + 1;
        if (byte !== 0x3a) throw this.#error(i, "expected ':'");
        this.#state = sValue;
        return i + 1;
      case sCommaOrEnd:
        return isBlank(byte) ? i + 1 : this.#afterValue(chunk, i, byte);
      case sEscape:
        return this.#escape(i, byte);
      case sUnicode:
        return this.#unicodeDigit(i, byte);
      case sContinuation:
        return this.#continuation(i, byte);
      case sWord:
        if (byte !== this.#word.charCodeAt(this.#wordAt)) throw this.#error(i, `expected a value, such as ${this.#word}`);
        this.#wordAt += 1;
        return this.#wordAt < this.#word.length ? i + 1 : this.#valueEnded(chunk, i + 1);
      default:
        return this.#number(chunk, i, byte);
    }
  }

  #value(i: number, byte: number): number {
    const kind: ValueKind = byte === 0x7b ? "object" : byte === 0x5b ? "array" : byte === 0x22 ? "string" : "other";
    if (this.#mode === modeActive) this.#begin(i, kind);
    switch (byte) {
      case 0x7b:
        this.#containers.push(isObject);
        this.#state = sNameOrEnd;
        return i + 1;
      case 0x5b:
        this.#containers.push(isArray);
        this.#state = sValueOrEnd;
        return i + 1;
      case 0x22:
        this.#isName = false;
        this.#state = sString;
        return i + 1;
      case 0x2d:
        this.#state = sMinus;
        return i + 1;
      case 0x30:
        this.#state = sZero;
        return i + 1;
      case 0x74:
        return this.#startWord("true", i);
      case 0x66:
        return this.#startWord("false", i);
      case 0x6e:
        return this.#startWord("null", i);
      case 0x4e:
        return this.#startWord("NaN", i);
      case 0x49:
        return this.#startWord("Infinity", i);
      default:
        if (byte < 0x31 || byte > 0x39) throw this.#error(i, "expected a value");
        this.#state = sInteger;
        return i + 1;
    }
  }

  /** Asks the visitor about a value that begins here. */
  #begin(i: number, kind: ValueKind): void {
    const path = this.#path;
    if (this.#containers[this.#containers.length - 1] === isArray) path[path.length - 1] = (path[path.length - 1] as number) + 1;
    const interest = this.#visitor.interest(path, kind);
    const isContainer = kind === "object" || kind === "array";
    if (interest === "enter" && isContainer) {
      path.push(kind === "array" ? -1 : "");
      return;
    }
    this.#quietDepth = this.#containers.length;
    this.#quietStart = this.#offset + i;
    if (interest === "keep" || interest === "text") {
      this.#mode = interest === "keep" ? modeKeep : modeText;
      this.#keepFrom = i;
    } else this.#mode = interest === "bytes" && kind === "string" ? modeBytes : modeSkip;
  }

  #startWord(word: string, i: number): number {
    this.#word = word;
    this.#wordAt = 1;
    this.#state = sWord;
    return i + 1;
  }

  #afterValue(chunk: Uint8Array, i: number, byte: number): number {
    const container = this.#containers[this.#containers.length - 1];
    if (container === undefined) throw this.#error(i, "unexpected text after the value");
    if (byte === 0x2c) {
      this.#state = container === isObject ? sName : sValue;
      return i + 1;
    }
    if (byte !== (container === isObject ? 0x7d : 0x5d)) {
      throw this.#error(i, container === isObject ? "expected ',' or '}'" : "expected ',' or ']'");
    }
    return this.#close(chunk, i);
  }

  #close(chunk: Uint8Array, i: number): number {
    this.#containers.pop();
    if (this.#mode === modeActive) {
      this.#path.pop();
      this.#state = sCommaOrEnd;
      this.#visitor.left?.(this.#path);
      return i + 1;
    }
    return this.#valueEnded(chunk, i + 1);
  }

  /** A value has ended before `end`: a scalar or a container that was not entered. Returns `end`. */
  #valueEnded(chunk: Uint8Array, end: number): number {
    this.#state = sCommaOrEnd;
    if (this.#mode === modeActive || this.#containers.length !== this.#quietDepth) return end;
    const mode = this.#mode;
    this.#mode = modeActive;
    if (mode === modeKeep) this.#visitor.kept?.(this.#path, parseJson(this.#takeKept(chunk, end)));
    else if (mode === modeText) {
      const text = this.#isDropped ? null : this.#takeText(chunk, end);
      this.#isDropped = false;
      this.#visitor.text?.(this.#path, text, this.#quietStart, this.#offset + end);
    } else if (mode === modeBytes) {
      this.#flushBytes();
      this.#visitor.left?.(this.#path);
    }
    return end;
  }

  /** Content of a string that is skipped or kept. Escapes that lie whole in the chunk are checked here in one go. */
  #string(chunk: Uint8Array, from: number): number {
    let i = from;
    const end = chunk.length;
    for (;;) {
      while (i < end && plain[chunk[i] as number] === 1) i++;
      if (i + 6 > end || chunk[i] !== 0x5c) break;
      const letter = chunk[i + 1] as number;
      if (letter === 0x75) {
        const a = hex[chunk[i + 2] as number] as number;
        const b = hex[chunk[i + 3] as number] as number;
        const c = hex[chunk[i + 4] as number] as number;
        const d = hex[chunk[i + 5] as number] as number;
        if ((a | b | c | d) > 15) break;
        i += 6;
      } else {
        if (shortEscape[letter] === 0) break;
        i += 2;
      }
    }
    return i < end ? this.#stringSpecial(chunk, i, chunk[i] as number) : i;
  }

  #stringSpecial(chunk: Uint8Array, i: number, byte: number): number {
    if (byte === 0x22) return this.#stringEnded(chunk, i + 1);
    if (byte === 0x5c) {
      this.#state = sEscape;
      return i + 1;
    }
    if (byte < 0x20) throw this.#error(i, "control characters within a string must be escaped");
    return this.#leadByte(i, byte);
  }

  #stringEnded(chunk: Uint8Array, end: number): number {
    if (!this.#isName) return this.#valueEnded(chunk, end);
    this.#state = sColon;
    if (this.#mode === modeActive) this.#path[this.#path.length - 1] = parseJson(this.#takeKept(chunk, end)) as string;
    return end;
  }

  #escape(i: number, byte: number): number {
    if (byte === 0x75) {
      this.#unicodeDigits = 0;
      this.#unicode = 0;
      this.#state = sUnicode;
      return i + 1;
    }
    const meaning = shortEscape[byte] as number;
    if (meaning === 0) throw this.#error(i, "unknown escape in a string");
    if (this.#mode === modeBytes) this.#out[this.#outLength++] = meaning;
    this.#state = sString;
    return i + 1;
  }

  #unicodeDigit(i: number, byte: number): number {
    const digit = hex[byte] as number;
    if (digit === 255) throw this.#error(i, "\\u must be followed by four hexadecimal digits");
    this.#unicode = this.#unicode * 16 + digit;
    this.#unicodeDigits += 1;
    if (this.#unicodeDigits < 4) return i + 1;
    if (this.#mode === modeBytes) this.#latin1(i, this.#unicode);
    this.#state = sString;
    return i + 1;
  }

  #latin1(i: number, code: number): void {
    if (code > 0xff) {
      const text = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
      throw new ShapeError(
        "not-latin-1",
        `byte ${this.#offset + i}`,
        `A string that stands for bytes holds ${text}, beyond U+00FF`,
      );
    }
    this.#out[this.#outLength++] = code;
  }

  #leadByte(i: number, byte: number): number {
    this.#lead = byte;
    this.#continuationLow = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.#continuationHigh = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    if (byte >= 0xc2 && byte <= 0xdf) this.#continuations = 1;
    else if (byte >= 0xe0 && byte <= 0xef) this.#continuations = 2;
    else if (byte >= 0xf0 && byte <= 0xf4) this.#continuations = 3;
    else throw this.#error(i, "the text is not UTF-8");
    if (this.#mode === modeBytes && byte > 0xc3) this.#latin1(i, 0x100);
    this.#state = sContinuation;
    return i + 1;
  }

  #continuation(i: number, byte: number): number {
    if (byte < this.#continuationLow || byte > this.#continuationHigh) throw this.#error(i, "the text is not UTF-8");
    this.#continuationLow = 0x80;
    this.#continuationHigh = 0xbf;
    this.#continuations -= 1;
    if (this.#continuations === 0) {
      if (this.#mode === modeBytes) this.#out[this.#outLength++] = ((this.#lead & 3) << 6) | (byte & 0x3f);
      this.#state = sString;
    }
    return i + 1;
  }

  /**
   * Content of a string taken as bytes. What lies whole in the chunk is read here in one go: plain characters, escapes, and those that UTF-8 writes
   * as two bytes; all else, and what the chunk cuts, byte by byte.
   */
  #stringAsBytes(chunk: Uint8Array, from: number): number {
    if (this.#out.length <= chunk.length) {
      const larger = new Uint8Array(chunk.length + 1);
      // The end of an escape that began in the chunk before may already be there.
      larger.set(this.#out.subarray(0, this.#outLength));
      this.#out = larger;
    }
    const out = this.#out;
    let n = this.#outLength;
    let i = from;
    const end = chunk.length;
    for (;;) {
      while (i < end && plain[chunk[i] as number] === 1) out[n++] = chunk[i++] as number;
      if (i + 6 > end) break;
      const first = chunk[i] as number;
      const second = chunk[i + 1] as number;
      if (first === 0x5c && second === 0x75) {
        const high = hex[chunk[i + 4] as number] as number;
        const low = hex[chunk[i + 5] as number] as number;
        if (chunk[i + 2] !== 0x30 || chunk[i + 3] !== 0x30 || (high | low) > 15) break;
        out[n++] = (high << 4) | low;
        i += 6;
      } else if (first === 0x5c) {
        const meaning = shortEscape[second] as number;
        if (meaning === 0) break;
        out[n++] = meaning;
        i += 2;
      } else {
        // U+0080 to U+00FF.
        if ((first & 0xfe) !== 0xc2 || (second & 0xc0) !== 0x80) break;
        out[n++] = ((first & 3) << 6) | (second & 0x3f);
        i += 2;
      }
    }
    this.#outLength = n;
    return i < end ? this.#stringSpecial(chunk, i, chunk[i] as number) : i;
  }

  #flushBytes(): void {
    if (this.#outLength === 0) return;
    const bytes = this.#out.slice(0, this.#outLength);
    this.#outLength = 0;
    this.#visitor.bytes?.(this.#path, bytes);
  }

  #number(chunk: Uint8Array, i: number, byte: number): number {
    const isDigit = byte >= 0x30 && byte <= 0x39;
    switch (this.#state) {
      case sMinus:
        if (byte === 0x49) return this.#startWord("Infinity", i);
        if (!isDigit) throw this.#error(i, "expected a digit");
        this.#state = byte === 0x30 ? sZero : sInteger;
        return i + 1;
      case sPoint:
        if (!isDigit) throw this.#error(i, "expected a digit after the decimal point");
        this.#state = sFraction;
        return i + 1;
      case sExponentStart:
        if (byte === 0x2b || byte === 0x2d) {
          this.#state = sExponentSign;
          return i + 1;
        }
        if (!isDigit) throw this.#error(i, "expected a digit in the exponent");
        this.#state = sExponent;
        return i + 1;
      case sExponentSign:
        if (!isDigit) throw this.#error(i, "expected a digit in the exponent");
        this.#state = sExponent;
        return i + 1;
      default: {
        const state = this.#state;
        if (state !== sZero && isDigit) return this.#afterDigits(chunk, i);
        if (byte === 0x2e && (state === sZero || state === sInteger)) {
          this.#state = sPoint;
          return i + 1;
        }
        if ((byte === 0x65 || byte === 0x45) && state !== sExponent) {
          this.#state = sExponentStart;
          return i + 1;
        }
        return this.#valueEnded(chunk, i);
      }
    }
  }

  #afterDigits(chunk: Uint8Array, from: number): number {
    let i = from + 1;
    for (; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (byte < 0x30 || byte > 0x39) break;
    }
    return i;
  }

  /** As `#takeKept`; null where the last piece makes it too long. */
  #takeText(chunk: Uint8Array, end: number): string | null {
    const text = this.#keptBytes + end - this.#keepFrom > this.#maxKeptBytes ? null : this.#takeKept(chunk, end);
    if (text === null) this.#drop();
    return text;
  }

  #drop(): void {
    this.#keepFrom = -1;
    this.#keptPieces = [];
    this.#keptBytes = 0;
  }

  #keepPiece(piece: Uint8Array): void {
    this.#keptBytes += piece.length;
    if (this.#keptBytes > this.#maxKeptBytes) {
      if (this.#mode === modeText) {
        this.#drop();
        this.#isDropped = true;
        return;
      }
      const message = `A value that must be read whole, or the name of a member, has more than ${this.#maxKeptBytes} bytes`;
      throw new JsonLimitError("too-large", `byte ${this.#offset}`, message);
    }
    this.#keptPieces.push(piece);
  }

  /** The text of what was kept up to `end`. */
  #takeKept(chunk: Uint8Array, end: number): string {
    this.#keepPiece(chunk.subarray(this.#keepFrom, end));
    const bytes = joined(this.#keptPieces, this.#keptBytes);
    this.#keepFrom = -1;
    this.#keptPieces = [];
    this.#keptBytes = 0;
    return utf8.decode(bytes);
  }

  #error(i: number, message: string): JsonSyntaxError {
    return new JsonSyntaxError("syntax", `byte ${this.#offset + i}`, `Not JSON: ${message}`);
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const only = pieces[0];
  if (only !== undefined && pieces.length === 1) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
