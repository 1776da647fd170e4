/** The grammar of JSON, whole: a pull reader of tokens over a text. (`json-bytes.ts` knows what Python writes of it, in bytes.) */
import { JsonLimitError, JsonSyntaxError } from "../errors.ts";
import { isHexDigit } from "./json-bytes.ts";

/** What a token is. Plain numbers rather than names, because `next` is the hot path of everything here. */
export const Token = {
  objectStart: 0,
  objectEnd: 1,
  arrayStart: 2,
  arrayEnd: 3,
  /** A member's name; its `:` is consumed with it. */
  name: 4,
  string: 5,
  number: 6,
  true: 7,
  false: 8,
  null: 9,
  /** The end of the text, after one whole value. */
  end: 10,
} as const;
export type Token = (typeof Token)[keyof typeof Token];

const inArray = 0;
const inObject = 1;

const expectValue = 0;
const expectValueOrArrayEnd = 1;
const expectNameOrObjectEnd = 2;
const expectCommaOrEnd = 3;

/**
 * Reads one JSON text token by token, in time linear in its length and without recursion, so at any depth.
 * Accepts what Python's `json.loads` accepts: `NaN`, `Infinity` and `-Infinity`, integers of any length, escaped lone
 * surrogates; refuses what it refuses: `1.`, `.5`, `+1`, `01`, `-NaN`, raw control characters, a leading byte order mark.
 */
export class JsonReader {
  readonly text: string;
  /** First character of the last token. */
  start = 0;
  /** The character after the last token. */
  end = 0;
  /** Whether the last string or name read is printable ASCII without escapes: its value is its characters. */
  isPlainString = true;
  /** How many containers are open. */
  get depth(): number {
    return this.#open.length;
  }

  readonly #open: number[] = [];
  readonly #maxDepth: number;
  #at = 0;
  #expect = expectValue;

  /** `maxDepth`: opening a container beyond it throws a `JsonLimitError`. */
  constructor(text: string, maxDepth = Number.POSITIVE_INFINITY) {
    this.text = text;
    this.#maxDepth = maxDepth;
  }

  /** The next token. Throws a `JsonSyntaxError`. After `Token.end` there is nothing more to ask. */
  next(): Token {
    const text = this.text;
    let at = this.#afterBlank(this.#at);
    let code = text.charCodeAt(at);
    if (this.#expect === expectCommaOrEnd) {
      const open = this.#open;
      if (open.length === 0) {
        if (at < text.length) throw this.#error(at, "unexpected text after the value");
        this.start = this.end = this.#at = at;
        return Token.end;
      }
      const container = open[open.length - 1];
      if (code === 0x2c) {
        at = this.#afterBlank(at + 1);
        code = text.charCodeAt(at);
        if (container === inObject) return this.#name(at, code);
      } else if (code === 0x7d && container === inObject) return this.#close(at, Token.objectEnd);
      else if (code === 0x5d && container === inArray) return this.#close(at, Token.arrayEnd);
      else throw this.#error(at, container === inObject ? "expected ',' or '}'" : "expected ',' or ']'");
    } else if (this.#expect === expectNameOrObjectEnd) {
      return code === 0x7d ? this.#close(at, Token.objectEnd) : this.#name(at, code);
    } else if (this.#expect === expectValueOrArrayEnd && code === 0x5d) {
      return this.#close(at, Token.arrayEnd);
    }
    return this.#value(at, code);
  }

  /**
   * Passes over the rest of the value whose first token was the last one read, and returns the index after it.
   * Checks its syntax.
   */
  skipRest(first: Token): number {
    if (first === Token.objectStart || first === Token.arrayStart) {
      const depth = this.#open.length - 1;
      do this.next();
      while (this.#open.length > depth);
    }
    return this.end;
  }

  /** The value of the last token, a string or a member's name. */
  stringValue(): string {
    const { text, start, end } = this;
    const inner = text.slice(start + 1, end - 1);
    if (this.isPlainString || !inner.includes("\\")) return inner;
    // The reader has checked the token; JSON.parse of a lone string token only resolves its escapes, exactly.
    return JSON.parse(text.slice(start, end)) as string;
  }

  #afterBlank(at: number): number {
    const text = this.text;
    let code = text.charCodeAt(at);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++at);
    return at;
  }

  #close(at: number, token: Token): Token {
    this.#open.pop();
    this.#expect = expectCommaOrEnd;
    this.start = at;
    this.end = this.#at = at + 1;
    return token;
  }

  #opened(at: number, container: number): void {
    if (this.#open.length >= this.#maxDepth) {
      throw new JsonLimitError("too-deep", `character ${at}`, `more than ${this.#maxDepth} nested arrays and objects`);
    }
    this.#open.push(container);
    this.start = at;
    this.end = this.#at = at + 1;
  }

  #name(at: number, code: number): Token {
    if (code !== 0x22) throw this.#error(at, "expected a member name in double quotes");
    this.start = at;
    const end = this.#endOfString(at);
    this.end = end;
    const colon = this.#afterBlank(end);
    if (this.text.charCodeAt(colon) !== 0x3a) throw this.#error(colon, "expected ':'");
    this.#at = colon + 1;
    this.#expect = expectValue;
    return Token.name;
  }

  #value(at: number, code: number): Token {
    switch (code) {
      case 0x7b:
        this.#opened(at, inObject);
        this.#expect = expectNameOrObjectEnd;
        return Token.objectStart;
      case 0x5b:
        this.#opened(at, inArray);
        this.#expect = expectValueOrArrayEnd;
        return Token.arrayStart;
      case 0x22:
        return this.#scalar(at, this.#endOfString(at), Token.string);
      case 0x74:
        return this.#scalar(at, this.#endOfWord(at, "true"), Token.true);
      case 0x66:
        return this.#scalar(at, this.#endOfWord(at, "false"), Token.false);
      case 0x6e:
        return this.#scalar(at, this.#endOfWord(at, "null"), Token.null);
      case 0x4e:
        return this.#scalar(at, this.#endOfWord(at, "NaN"), Token.number);
      case 0x49:
        return this.#scalar(at, this.#endOfWord(at, "Infinity"), Token.number);
      default:
        return this.#scalar(at, this.#endOfNumber(at, code), Token.number);
    }
  }

  #scalar(start: number, end: number, token: Token): Token {
    this.start = start;
    this.end = this.#at = end;
    this.#expect = expectCommaOrEnd;
    return token;
  }

  #endOfWord(at: number, word: string): number {
    for (let i = 1; i < word.length; i++) {
      if (this.text.charCodeAt(at + i) !== word.charCodeAt(i)) throw this.#error(at + i, `expected a value, such as ${word}`);
    }
    return at + word.length;
  }

  #endOfString(at: number): number {
    const text = this.text;
    let i = at + 1;
    let isPlain = true;
    for (;;) {
      const code = text.charCodeAt(i);
      if (code === 0x22) {
        this.isPlainString = isPlain;
        return i + 1;
      }
      if (code >= 0x20 && code !== 0x5c) {
        if (code > 0x7e) isPlain = false;
        i += 1;
      } else if (code === 0x5c) {
        isPlain = false;
        i = this.#afterEscape(i);
      } else if (i >= text.length) throw this.#error(i, "the text ends within a string");
      else throw this.#error(i, `control character U+${code.toString(16).padStart(4, "0")} within a string must be escaped`);
    }
  }

  #afterEscape(at: number): number {
    const text = this.text;
    switch (text.charCodeAt(at + 1)) {
      case 0x22: // "
      case 0x5c: // \
      case 0x2f: // /
      case 0x62: // b
      case 0x66: // f
      case 0x6e: // n
      case 0x72: // r
      case 0x74: // t
        return at + 2;
      case 0x75:
        for (let i = at + 2; i < at + 6; i++) {
          if (!isHexDigit(text.charCodeAt(i))) throw this.#error(i, "\\u must be followed by four hexadecimal digits");
        }
        return at + 6;
      default:
        throw this.#error(at + 1, at + 1 >= text.length ? "the text ends within an escape" : "unknown escape in a string");
    }
  }

  #endOfNumber(at: number, first: number): number {
    const text = this.text;
    let i = at;
    let code = first;
    if (code === 0x2d) {
      code = text.charCodeAt(++i);
      if (code === 0x49) return this.#endOfWord(i, "Infinity");
    }
    if (code === 0x30) code = text.charCodeAt(++i);
    else if (code >= 0x31 && code <= 0x39) {
      do code = text.charCodeAt(++i);
      while (code >= 0x30 && code <= 0x39);
    } else throw this.#error(i, i >= text.length ? "the text ends where a value was expected" : "expected a value");
    if (code === 0x2e) {
      code = text.charCodeAt(++i);
      if (!(code >= 0x30 && code <= 0x39)) throw this.#error(i, "expected a digit after the decimal point");
      do code = text.charCodeAt(++i);
      while (code >= 0x30 && code <= 0x39);
    }
    if (code === 0x65 || code === 0x45) {
      code = text.charCodeAt(++i);
      if (code === 0x2b || code === 0x2d) code = text.charCodeAt(++i);
      if (!(code >= 0x30 && code <= 0x39)) throw this.#error(i, "expected a digit in the exponent");
      do code = text.charCodeAt(++i);
      while (code >= 0x30 && code <= 0x39);
    }
    return i;
  }

  #error(at: number, message: string): JsonSyntaxError {
    const code = at >= this.text.length ? "truncated" : "syntax";
    return new JsonSyntaxError(code, `character ${at}`, `Not JSON: ${message}`);
  }
}
