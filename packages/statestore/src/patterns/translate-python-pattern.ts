/** From the syntax of Python's `re` to that of an engine that is here. */
import { InvalidPattern } from "../errors.ts";

export type TranslatedPattern =
  | { readonly engine: "linear"; readonly source: string }
  /** With lookaround or backreferences: JavaScript's own. */
  | { readonly engine: "backtracking"; readonly source: string; readonly flags: string };

/**
 * What differs and is translated: `\Z`, `\A`, `$` (also before a newline at the end), named groups and their backreferences, `{,n}`, comments,
 * `\uXXXX`, and `\d \w \s`, which know all of Unicode in Python.
 * @throws {InvalidPattern} for what neither engine has: conditionals, atomic groups, possessive quantifiers, verbose and locale patterns.
 */
export function translatePythonPattern(pattern: string): TranslatedPattern {
  const { flags, rest } = leadingFlags(pattern);
  const tokens = [...tokenize(pattern, rest)];
  requireKnownGroups(pattern, tokens);
  const multiline = flags.includes("m");
  const backtracking = tokens.some(
    (token, i) => token.needs === "backtracking" || (token.kind === "end" && !multiline && !isLast(tokens, i)),
  );
  const dotMatchesAll = flags.includes("s") || tokens.some((token) => /^\(\?[a-z]*s/.test(token.text));
  const source = tokens.map((token) => write(token, { backtracking, multiline, dotMatchesAll })).join("");
  return backtracking
    ? { engine: "backtracking", source, flags: `u${flags}` }
    : { engine: "linear", source: flags === "" ? source : `(?${flags})${source}` };
}

type TokenKind = "text" | "start" | "end" | "final" | "digit" | "word" | "space" | "named group" | "named reference" | "literal";

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly needs?: "backtracking";
  readonly inClass?: boolean;
}

/** Python allows global flags at the start only. `a` and `u` say what is the case or makes no difference to most texts. */
function leadingFlags(pattern: string): { flags: string; rest: string } {
  const match = /^\(\?([aiLmsux]+)\)/.exec(pattern);
  const given = match?.[1] ?? "";
  for (const flag of ["x", "L"]) if (given.includes(flag)) throw unsupported(pattern, `the flag ${flag} is not supported`);
  return { flags: [..."ims"].filter((flag) => given.includes(flag)).join(""), rest: pattern.slice(match?.[0].length ?? 0) };
}

function* tokenize(pattern: string, rest: string): Generator<Token> {
  let inClass = false;
  let previous: Token | undefined;
  for (let i = 0; i < rest.length; ) {
    const at = rest.slice(i);
    if (!inClass && previous !== undefined && isPlace(previous) && repetition.test(at))
      throw unsupported(pattern, "nothing to repeat");
    const token = inClass ? classToken(pattern, at) : outerToken(pattern, at);
    if (!inClass && token.length > 0 && at[0] === "[") inClass = true;
    else if (inClass && at[0] === "]") inClass = false;
    yield { ...token.token, inClass };
    // A comment stands between nothing.
    if (token.token.text !== "" || token.token.kind !== "text") previous = { ...token.token, inClass };
    i += token.length;
  }
  if (inClass) throw unsupported(pattern, "a set [ has no end");
}

const repetition = /^(?:[*+?]|\{(\d*),(\d*)\}|\{(\d+)\})/;

/** What matches a place and not a character: Python refuses to repeat it. */
function isPlace({ kind, text }: Token): boolean {
  return kind === "start" || kind === "end" || kind === "final" || (kind === "text" && /^\\[AbB]$/.test(text));
}

/** A reference must follow the end of its group; JavaScript would let it match nothing. @throws {InvalidPattern} */
function requireKnownGroups(pattern: string, tokens: readonly Token[]): void {
  const open: (string | null)[] = [];
  const ended = new Set<string>();
  let count = 0;
  const names = new Map<string, string>();
  for (const token of tokens) {
    const reference = token.kind === "named reference" ? (names.get(token.text) ?? "") : /^\\(\d+)/.exec(token.text)?.[1];
    if (reference !== undefined && !ended.has(reference)) {
      throw unsupported(
        pattern,
        `it refers to the group ${token.kind === "named reference" ? token.text : reference}, which does not precede`,
      );
    }
    if (opens(token)) {
      const captures = token.kind === "named group" || token.text === "(";
      if (captures) count += 1;
      if (token.kind === "named group") names.set(token.text, String(count));
      open.push(captures ? String(count) : null);
    } else if (closes(token)) {
      const group = open.pop();
      if (group !== undefined && group !== null) ended.add(group);
    }
  }
}

/** True when nothing can come after the token but the end: only then may a newline at the end be taken along with it. */
function isLast(tokens: readonly Token[], i: number): boolean {
  let otherBranches = false;
  let depth = 0;
  for (const token of tokens.slice(i + 1)) {
    if (otherBranches) {
      if (opens(token)) depth += 1;
      else if (closes(token) && depth === 0) otherBranches = false;
      else if (closes(token)) depth -= 1;
    } else if (token.kind === "text" && token.text === "|") {
      otherBranches = true;
    } else if (!closes(token) && token.text !== "") {
      return false;
    }
  }
  return true;
}

function opens(token: Token): boolean {
  return token.kind === "named group" || (token.kind === "text" && token.inClass !== true && token.text.startsWith("("));
}

function closes(token: Token): boolean {
  return token.kind === "text" && token.inClass !== true && token.text === ")";
}

interface Read {
  readonly token: Token;
  readonly length: number;
}

const kept = (text: string, length = text.length): Read => ({ token: { kind: "text", text }, length });

function outerToken(pattern: string, at: string): Read {
  if (at[0] === "\\") return escapeToken(pattern, at, false);
  if (at[0] === "[") {
    // A bracket that comes first is a member of the set.
    const open = /^\[\^?\]?/.exec(at)?.[0] ?? "[";
    return kept(open.endsWith("]") && open.length > 1 ? `${open.slice(0, -1)}\\]` : open, open.length);
  }
  if (at[0] === "^") return { token: { kind: "start", text: "^" }, length: 1 };
  if (at[0] === "$") return { token: { kind: "end", text: "$" }, length: 1 };
  if (at.startsWith("(?")) return group(pattern, at);
  const quantifier = repetition.exec(at);
  if (quantifier !== null) {
    const [text, low, high] = quantifier;
    if (at[text.length] === "+") throw unsupported(pattern, "possessive quantifiers are not supported");
    // `{,}` and `{,n}` start from 0.
    return low === "" ? kept(`{0,${high}}`, text.length) : kept(text);
  }
  if (at[0] === "{" || at[0] === "}" || at[0] === "]") return kept(`\\${at[0]}`, 1);
  return literal(at);
}

function classToken(pattern: string, at: string): Read {
  if (at[0] === "\\") return escapeToken(pattern, at, true);
  if (at[0] === "[") return kept("\\[", 1);
  return at[0] === "]" || at[0] === "^" || at[0] === "-" ? kept(at[0]) : literal(at);
}

function group(pattern: string, at: string): Read {
  const named = /^\(\?P<([A-Za-z_]\w*)>/.exec(at);
  if (named !== null) return { token: { kind: "named group", text: named[1] ?? "" }, length: named[0].length };
  const reference = /^\(\?P=([A-Za-z_]\w*)\)/.exec(at);
  if (reference !== null) {
    return { token: { kind: "named reference", text: reference[1] ?? "", needs: "backtracking" }, length: reference[0].length };
  }
  const comment = /^\(\?#[^)]*\)/.exec(at);
  if (comment !== null) return kept("", comment[0].length);
  const look = /^\(\?(?:<?[=!])/.exec(at);
  if (look !== null) return { token: { kind: "text", text: look[0], needs: "backtracking" }, length: look[0].length };
  const flagged = /^\(\?[ims]*(?:-[ims]+)?:/.exec(at);
  if (flagged !== null) return kept(flagged[0]);
  throw unsupported(pattern, `${JSON.stringify(at.slice(0, 4))} is not supported`);
}

const wordClasses: Readonly<Record<string, TokenKind>> = { d: "digit", D: "digit", w: "word", W: "word", s: "space", S: "space" };

function escapeToken(pattern: string, at: string, inClass: boolean): Read {
  const next = at[1];
  if (next === undefined) throw unsupported(pattern, "it ends with a backslash");
  const kind = wordClasses[next];
  if (kind !== undefined) return { token: { kind, text: next }, length: 2 };
  if (!inClass && next === "A") return kept("\\A", 2);
  if (!inClass && next === "Z") return { token: { kind: "final", text: "" }, length: 2 };
  if (!inClass && (next === "b" || next === "B")) return kept(`\\${next}`);
  if (inClass && next === "b") return { token: { kind: "literal", text: "\b" }, length: 2 };
  const code = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(0[0-7]{0,2}|[0-3][0-7]{2}))/.exec(at);
  if (code !== null) {
    const point = code[4] === undefined ? Number.parseInt(code[1] ?? code[2] ?? code[3] ?? "", 16) : Number.parseInt(code[4], 8);
    if (point > 0x10ffff) throw unsupported(pattern, `there is no character ${code[0]}`);
    return { token: { kind: "literal", text: String.fromCodePoint(point) }, length: code[0].length };
  }
  const reference = /^\\([1-9]\d?)/.exec(at);
  if (reference !== null && !inClass) {
    return { token: { kind: "text", text: `${reference[0]}(?:)`, needs: "backtracking" }, length: reference[0].length };
  }
  const control = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v", a: "\u0007" }[next];
  if (control !== undefined) return { token: { kind: "literal", text: control }, length: 2 };
  if (/[A-Za-z0-9]/.test(next)) throw unsupported(pattern, `bad escape \\${next}`);
  const character = String.fromCodePoint(at.codePointAt(1) ?? 0);
  return { token: { kind: "literal", text: character }, length: 1 + character.length };
}

function literal(at: string): Read {
  const character = String.fromCodePoint(at.codePointAt(0) ?? 0);
  // The remaining operators: . * + ? ( ) |
  return /[.()|*+?]/.test(character)
    ? kept(character)
    : { token: { kind: "literal", text: character }, length: character.length };
}

interface Writing {
  readonly backtracking: boolean;
  readonly multiline: boolean;
  readonly dotMatchesAll: boolean;
}

function write(token: Token, { backtracking, multiline, dotMatchesAll }: Writing): string {
  switch (token.kind) {
    case "text":
      if (!backtracking) return token.text;
      if (token.text === "\\A") return multiline ? "(?<![\\s\\S])" : "^";
      // To Python a line ends with a newline only.
      return token.text === "." && token.inClass !== true && !dotMatchesAll ? "[^\\n]" : token.text;
    case "start":
      return backtracking && multiline ? "(?<![^\\n])" : "^";
    case "end":
      if (multiline) return backtracking ? "(?![^\\n])" : "$";
      // Python's $ also stands before a newline that ends the text.
      return backtracking ? "(?=\\n?$)" : "(?:\\n?\\z)";
    case "final":
      return backtracking ? "(?![\\s\\S])" : "\\z";
    case "named group":
      return backtracking ? `(?<${token.text}>` : `(?P<${token.text}>`;
    case "named reference":
      return `\\k<${token.text}>`;
    case "digit":
      return token.text === "d" ? "\\p{Nd}" : "\\P{Nd}";
    case "word":
      return set(token, "\\p{L}\\p{N}_");
    case "space":
      return set(token, "\\t-\\r\\x1c- \\x85\\p{Z}");
    case "literal":
      return quoted(token.text);
  }
}

/** A class of characters, or what is not in it; inside a set a negated one is that of ASCII, since sets do not nest. */
function set(token: Token, members: string): string {
  const negated = token.text === token.text.toUpperCase();
  if (token.inClass !== true) return negated ? `[^${members}]` : `[${members}]`;
  return negated ? `\\${token.text}` : members;
}

function quoted(character: string): string {
  if (/[A-Za-z0-9_]/.test(character)) return character;
  if (/[\\^$.*+?()[\]{}|/]/.test(character)) return `\\${character}`;
  // An escaped hyphen is an error in JavaScript outside a set.
  if (character === "-") return "\\x2d";
  return character;
}

function unsupported(pattern: string, reason: string): InvalidPattern {
  return new InvalidPattern(`${JSON.stringify(pattern)} is no valid pattern: ${reason}`, { pattern, reason });
}
