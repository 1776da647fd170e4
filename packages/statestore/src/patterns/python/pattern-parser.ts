/** Reads a pattern in the syntax of Python's `re` (3.11 to 3.13, text and not bytes). */

import { characterNamed } from "./character-names.ts";
import type { CaseFolding, CharacterSet, PatternNode, PlaceKind, PythonPattern, Sequence, SetMember } from "./syntax-tree.ts";

/** Why Python would not compile a pattern; the words are close to its own. */
export class PatternSyntaxError extends Error {
  override readonly name = "PatternSyntaxError";
}

/** Python gives up at some depth as well (its recursion limit lets about 480 groups lie in each other). */
const deepestNesting = 480;
/** One more than the largest number of repetitions that can be written. */
const maxRepeat = 4294967295;

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly verbose: boolean;
  readonly ascii: boolean;
}

/** Fewest and most characters that something takes. */
type Width = readonly [least: number, most: number];

/** @throws {PatternSyntaxError} */
export function parsePythonPattern(pattern: string): PythonPattern {
  return new Parser(pattern).parse();
}

class Parser {
  /** Characters, an escape being one token of backslash and character. */
  readonly #tokens: string[] = [];
  #at = 0;
  /** Widths of the groups that have ended; null for those that are open. */
  readonly #groups: (Width | null)[] = [];
  readonly #names = new Map<string, number>();
  /** Groups that conditions name, which may come later. */
  readonly #conditions = new Set<number>();
  /** Groups that stood before the outermost lookbehind that is open. */
  #beforeLookbehind: number | null = null;
  #depth = 0;
  #flags: Flags = { ignoreCase: false, multiline: false, dotAll: false, verbose: false, ascii: false };
  #unicodeAsked = false;

  constructor(pattern: string) {
    const characters = Array.from(pattern);
    for (let i = 0; i < characters.length; i++) {
      const character = characters[i] ?? "";
      const escaped = character === "\\" ? characters[++i] : "";
      if (escaped === undefined) throw new PatternSyntaxError(`bad escape (end of pattern) at position ${i - 1}`);
      this.#tokens.push(character + escaped);
    }
  }

  parse(): PythonPattern {
    const body = this.#alternatives(this.#flags, true);
    if (this.#next !== undefined) throw this.#error("unbalanced parenthesis");
    for (const group of this.#conditions) {
      if (group > this.#groups.length) throw new PatternSyntaxError(`invalid group reference ${group}`);
    }
    return { body, groups: this.#groups.length };
  }

  get #next(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(): string | undefined {
    const token = this.#tokens[this.#at];
    if (token !== undefined) this.#at += 1;
    return token;
  }

  #match(token: string): boolean {
    if (this.#next !== token) return false;
    this.#at += 1;
    return true;
  }

  /** Up to `most` single characters out of a set. */
  #takeWhile(allowed: RegExp, most = Number.POSITIVE_INFINITY): string {
    let taken = "";
    while (taken.length < most && this.#next !== undefined && allowed.test(this.#next)) taken += this.#take();
    return taken;
  }

  #takeUntil(end: string, what: string): string {
    let taken = "";
    for (;;) {
      const token = this.#take();
      if (token === undefined) throw this.#error(taken === "" ? `missing ${what}` : `missing ${end}, unterminated name`);
      if (token === end) break;
      taken += token;
    }
    if (taken === "") throw this.#error(`missing ${what}`);
    return taken;
  }

  #error(message: string): PatternSyntaxError {
    const position = this.#tokens.slice(0, this.#at).reduce((length, token) => length + Array.from(token).length, 0);
    return new PatternSyntaxError(`${message} (near position ${position})`);
  }

  /** `outermost`: the flags of the whole pattern may stand first. */
  #alternatives(flags: Flags, outermost = false): Sequence {
    this.#depth += 1;
    if (this.#depth > deepestNesting) throw this.#error("groups lie too deep in each other");
    const branches: Sequence[] = [];
    let current = flags;
    do {
      branches.push(this.#sequence(current, outermost && branches.length === 0));
      if (outermost) current = this.#flags;
    } while (this.#match("|"));
    this.#depth -= 1;
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : [{ kind: "branch", branches }];
  }

  #sequence(given: Flags, first: boolean): Sequence {
    let flags = given;
    const nodes: PatternNode[] = [];
    for (;;) {
      const token = this.#next;
      if (token === undefined || token === "|" || token === ")") return nodes;
      this.#at += 1;
      if (flags.verbose && /^[ \t\n\r\v\f]$/.test(token)) continue;
      if (flags.verbose && token === "#") {
        for (let skipped = this.#take(); skipped !== undefined && skipped !== "\n"; ) skipped = this.#take();
        continue;
      }
      if (token[0] === "\\") nodes.push(this.#escape(token, flags));
      else if (token === ".") nodes.push(character({ members: flags.dotAll ? [] : [point(10)], negated: true, folding: "none" }));
      else if (token === "^") nodes.push(place(flags.multiline ? "line start" : "text start", flags));
      else if (token === "$") nodes.push(place(flags.multiline ? "line end" : "last line end", flags));
      else if (token === "[") nodes.push(this.#set(flags));
      else if (token === "*" || token === "+" || token === "?" || token === "{") {
        const range = this.#repetition(token);
        if (range === null) nodes.push(this.#literal("{", flags));
        else nodes.push(this.#repeat(nodes.pop(), range));
      } else if (token === "(") {
        const before = this.#flags;
        const node = this.#parenthesis(flags, first && nodes.length === 0);
        if (node !== null) nodes.push(node);
        // Flags of the whole pattern, which stand before everything else.
        if (this.#flags !== before) flags = this.#flags;
      } else nodes.push(this.#literal(token, flags));
    }
  }

  /** Least and most; null where a brace is only a brace. */
  #repetition(token: string): Width | null {
    if (token === "?") return [0, 1];
    if (token === "*") return [0, Number.POSITIVE_INFINITY];
    if (token === "+") return [1, Number.POSITIVE_INFINITY];
    const start = this.#at;
    if (this.#next === "}") return null;
    const low = this.#takeWhile(/^[0-9]$/);
    const high = this.#match(",") ? this.#takeWhile(/^[0-9]$/) : low;
    if (!this.#match("}")) {
      this.#at = start;
      return null;
    }
    const least = low === "" ? 0 : Number(low);
    const most = high === "" ? Number.POSITIVE_INFINITY : Number(high);
    if (least >= maxRepeat || (high !== "" && most >= maxRepeat)) throw this.#error("the repetition number is too large");
    if (most < least) throw this.#error("min repeat greater than max repeat");
    return [least, most];
  }

  #repeat(node: PatternNode | undefined, [least, most]: Width): PatternNode {
    if (node === undefined || node.kind === "place") throw this.#error("nothing to repeat");
    if (node.kind === "repeat") throw this.#error("multiple repeat");
    const body = node.kind === "group" && node.group === null ? node.body : [node];
    const mode = this.#match("?") ? "lazy" : this.#match("+") ? "possessive" : "greedy";
    return { kind: "repeat", mode, least, most, body };
  }

  #parenthesis(flags: Flags, first: boolean): PatternNode | null {
    if (!this.#match("?")) return this.#group(flags, null);
    const mark = this.#take();
    switch (mark) {
      case undefined:
        throw this.#error("unexpected end of pattern");
      case "P":
        return this.#named(flags);
      case ":":
        return { kind: "group", group: null, body: this.#closed(flags) };
      case ">":
        return { kind: "atomic", body: this.#closed(flags) };
      case "#":
        for (let token = this.#take(); token !== ")"; token = this.#take()) {
          if (token === undefined) throw this.#error("missing ), unterminated comment");
        }
        return null;
      case "=":
      case "!":
        return { kind: "look", behind: null, negated: mark === "!", body: this.#closed(flags) };
      case "<":
        return this.#lookbehind(flags);
      case "(":
        return this.#condition(flags);
    }
    if (mark !== "-" && !/^[aiLmsux]$/.test(mark)) throw this.#error(`unknown extension ?${mark}`);
    const scoped = this.#inlineFlags(mark, flags);
    if (scoped !== null) return { kind: "group", group: null, body: this.#closed(scoped) };
    if (!first) throw this.#error("global flags not at the start of the expression");
    return null;
  }

  /** What lies between the parentheses, the closing one taken. */
  #closed(flags: Flags): Sequence {
    const body = this.#alternatives(flags);
    if (!this.#match(")")) throw this.#error("missing ), unterminated subpattern");
    return body;
  }

  #group(flags: Flags, name: string | null): PatternNode {
    this.#groups.push(null);
    const group = this.#groups.length;
    if (name !== null) {
      if (this.#names.has(name)) throw this.#error(`redefinition of group name ${JSON.stringify(name)}`);
      this.#names.set(name, group);
    }
    const body = this.#closed(flags);
    this.#groups[group - 1] = this.#width(body);
    return { kind: "group", group, body };
  }

  #named(flags: Flags): PatternNode {
    if (this.#match("<")) return this.#group(flags, requireName(this.#takeUntil(">", "group name")));
    if (!this.#match("=")) throw this.#error(`unknown extension ?P${this.#next ?? ""}`);
    const name = requireName(this.#takeUntil(")", "group name"));
    const group = this.#names.get(name);
    if (group === undefined) throw this.#error(`unknown group name ${JSON.stringify(name)}`);
    return this.#reference(group, flags);
  }

  #reference(group: number, flags: Flags): PatternNode {
    if (group > this.#groups.length) throw this.#error(`invalid group reference ${group}`);
    if (this.#groups[group - 1] === null) throw this.#error("cannot refer to an open group");
    this.#requireBeforeLookbehind(group);
    return { kind: "reference", group, folding: folding(flags) };
  }

  #requireBeforeLookbehind(group: number): void {
    if (this.#beforeLookbehind === null) return;
    if (group > this.#groups.length || this.#groups[group - 1] === null) throw this.#error("cannot refer to an open group");
    if (group > this.#beforeLookbehind) throw this.#error("cannot refer to group defined in the same lookbehind subpattern");
  }

  #lookbehind(flags: Flags): PatternNode {
    const mark = this.#take();
    if (mark !== "=" && mark !== "!") throw this.#error(`unknown extension ?<${mark ?? ""}`);
    const outermost = this.#beforeLookbehind === null;
    if (outermost) this.#beforeLookbehind = this.#groups.length;
    const body = this.#alternatives(flags);
    if (outermost) this.#beforeLookbehind = null;
    if (!this.#match(")")) throw this.#error("missing ), unterminated subpattern");
    const [least, most] = this.#width(body);
    if (least !== most) throw this.#error("look-behind requires fixed-width pattern");
    return { kind: "look", behind: least, negated: mark === "!", body };
  }

  #condition(flags: Flags): PatternNode {
    const name = this.#takeUntil(")", "group name");
    let group = this.#names.get(name);
    if (group === undefined) {
      if (isIdentifier(name)) throw this.#error(`unknown group name ${JSON.stringify(name)}`);
      if (!/^[0-9]+$/.test(name)) throw this.#error(`bad character in group name ${JSON.stringify(name)}`);
      group = Number(name);
      if (group === 0) throw this.#error("bad group number");
      this.#conditions.add(group);
    }
    this.#requireBeforeLookbehind(group);
    this.#depth += 1;
    const yes = this.#sequence(flags, false);
    const no = this.#match("|") ? this.#sequence(flags, false) : [];
    this.#depth -= 1;
    if (this.#next === "|") throw this.#error("conditional backref with more than two branches");
    if (!this.#match(")")) throw this.#error("missing ), unterminated subpattern");
    return { kind: "condition", group, yes, no };
  }

  /** The flags of a group; null where they are set for the whole pattern. */
  #inlineFlags(mark: string, flags: Flags): Flags | null {
    let on = "";
    let off = "";
    let token: string | undefined = mark;
    while (token !== "-" && token !== ":" && token !== ")") {
      token = this.#flag(token, on === "" ? "unknown extension" : "missing -, : or )");
      if (token === "L") throw this.#error("bad inline flags: cannot use 'L' flag with a str pattern");
      on += token;
      token = this.#take();
    }
    if (on.includes("a") && on.includes("u")) throw this.#error("bad inline flags: flags 'a', 'u' and 'L' are incompatible");
    if (token === ")") {
      this.#unicodeAsked ||= on.includes("u");
      this.#flags = changed(this.#flags, on, "");
      if (this.#unicodeAsked && this.#flags.ascii) throw this.#error("ASCII and UNICODE flags are incompatible");
      return null;
    }
    if (token === "-") {
      for (token = this.#take(); token !== ":"; token = this.#take()) {
        token = this.#flag(token, off === "" ? "missing flag" : "missing :");
        if (/[aLu]/.test(token)) throw this.#error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'");
        off += token;
      }
      if (off === "") throw this.#error("missing flag");
    }
    if ([...on].some((flag) => off.includes(flag))) throw this.#error("bad inline flags: flag turned on and off");
    return changed(flags, on, off);
  }

  #flag(token: string | undefined, otherwise: string): string {
    if (token !== undefined && /^[aiLmsux]$/.test(token)) return token;
    throw this.#error(token !== undefined && /^\p{L}$/u.test(token) ? "unknown flag" : otherwise);
  }

  #literal(token: string, flags: Flags): PatternNode {
    return character({ members: [point(token.codePointAt(0) ?? 0)], negated: false, folding: folding(flags) });
  }

  #escape(token: string, flags: Flags): PatternNode {
    const letter = token.slice(1);
    switch (letter) {
      case "A":
        return place("text start", flags);
      case "Z":
        return place("text end", flags);
      case "b":
        return place("boundary", flags);
      case "B":
        return place("no boundary", flags);
    }
    const known = this.#category(letter, flags);
    if (known !== null) return character({ members: [known], negated: false, folding: folding(flags) });
    if (/^[1-9]$/.test(letter)) {
      let digits = letter;
      if (this.#next !== undefined && /^[0-9]$/.test(this.#next)) {
        digits += this.#take();
        if (/^[0-7]{2}$/.test(digits) && this.#next !== undefined && /^[0-7]$/.test(this.#next)) {
          digits += this.#take();
          const code = Number.parseInt(digits, 8);
          if (code > 0o377) throw this.#error(`octal escape value \\${digits} outside of range 0-0o377`);
          return character({ members: [point(code)], negated: false, folding: folding(flags) });
        }
      }
      return this.#reference(Number(digits), flags);
    }
    const code = letter === "0" ? Number.parseInt(`0${this.#takeWhile(/^[0-7]$/, 2)}`, 8) : this.#characterEscape(letter);
    return character({ members: [point(code)], negated: false, folding: folding(flags) });
  }

  #category(letter: string, flags: Flags): SetMember | null {
    const name = ({ d: "digit", s: "space", w: "word" } as const)[letter.toLowerCase()];
    if (name === undefined || !/^[dswDSW]$/.test(letter)) return null;
    return { kind: "category", name, negated: letter !== letter.toLowerCase(), ascii: flags.ascii };
  }

  /** The code point of an escape that means the same inside and outside of sets. */
  #characterEscape(letter: string): number {
    const control = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }[letter];
    if (control !== undefined) return control;
    const digits = { x: 2, u: 4, U: 8 }[letter];
    if (digits !== undefined) {
      const hexadecimal = this.#takeWhile(/^[0-9a-fA-F]$/, digits);
      if (hexadecimal.length < digits) throw this.#error(`incomplete escape \\${letter}${hexadecimal}`);
      const code = Number.parseInt(hexadecimal, 16);
      if (code > 0x10ffff) throw this.#error(`bad escape \\${letter}${hexadecimal}`);
      return code;
    }
    if (letter === "N") {
      if (!this.#match("{")) throw this.#error("missing {");
      const name = this.#takeUntil("}", "character name");
      const code = characterNamed(name);
      if (code === null) throw this.#error(`undefined character name ${JSON.stringify(name)}`);
      return code;
    }
    if (/^[A-Za-z0-9]$/.test(letter)) throw this.#error(`bad escape \\${letter}`);
    return letter.codePointAt(0) ?? 0;
  }

  #set(flags: Flags): PatternNode {
    const negated = this.#match("^");
    const members: SetMember[] = [];
    for (;;) {
      const token = this.#take();
      if (token === undefined) throw this.#error("unterminated character set");
      if (token === "]" && members.length > 0) break;
      const low = this.#setMember(token, flags);
      if (!this.#match("-")) {
        members.push(low);
        continue;
      }
      const end = this.#take();
      if (end === undefined) throw this.#error("unterminated character set");
      if (end === "]") {
        members.push(low, point(45));
        break;
      }
      const high = this.#setMember(end, flags);
      if (low.kind !== "range" || high.kind !== "range" || high.low < low.low) {
        throw this.#error(`bad character range ${token}-${end}`);
      }
      members.push({ kind: "range", low: low.low, high: high.low });
    }
    return character({ members, negated, folding: folding(flags) });
  }

  #setMember(token: string, flags: Flags): SetMember {
    if (token[0] !== "\\") return point(token.codePointAt(0) ?? 0);
    const letter = token.slice(1);
    if (letter === "b") return point(8);
    const known = this.#category(letter, flags);
    if (known !== null) return known;
    if (/^[0-7]$/.test(letter)) {
      const digits = letter + this.#takeWhile(/^[0-7]$/, 2);
      const code = Number.parseInt(digits, 8);
      if (code > 0o377) throw this.#error(`octal escape value \\${digits} outside of range 0-0o377`);
      return point(code);
    }
    return point(this.#characterEscape(letter));
  }

  #width(sequence: Sequence): Width {
    let [least, most] = [0, 0];
    for (const node of sequence) {
      const [low, high] = this.#widthOf(node);
      least += low;
      most += high;
    }
    // Python counts no further, so that very wide patterns have one width again.
    return [Math.min(least, maxRepeat - 1), Math.min(most, maxRepeat)];
  }

  #widthOf(node: PatternNode): Width {
    switch (node.kind) {
      case "character":
        return [1, 1];
      case "place":
      case "look":
        return [0, 0];
      case "group":
      case "atomic":
        return this.#width(node.body);
      case "branch":
        return widest(node.branches.map((branch) => this.#width(branch)));
      case "condition":
        return widest([this.#width(node.yes), this.#width(node.no)]);
      case "reference":
        return this.#groups[node.group - 1] ?? [0, 0];
      case "repeat": {
        const [low, high] = this.#width(node.body);
        return [low * node.least, high === 0 ? 0 : high * Math.min(node.most, maxRepeat)];
      }
    }
  }
}

function widest(widths: readonly Width[]): Width {
  return [Math.min(...widths.map(([least]) => least)), Math.max(...widths.map(([, most]) => most))];
}

function changed(flags: Flags, on: string, off: string): Flags {
  const of = (letter: string, before: boolean) => !off.includes(letter) && (before || on.includes(letter));
  return {
    ignoreCase: of("i", flags.ignoreCase),
    multiline: of("m", flags.multiline),
    dotAll: of("s", flags.dotAll),
    verbose: of("x", flags.verbose),
    ascii: on.includes("a") || (flags.ascii && !on.includes("u")),
  };
}

function folding(flags: Flags): CaseFolding {
  return flags.ignoreCase ? (flags.ascii ? "ascii" : "unicode") : "none";
}

function character(set: CharacterSet): PatternNode {
  return { kind: "character", set };
}

function place(kind: PlaceKind, flags: Flags): PatternNode {
  return { kind: "place", place: kind, ascii: flags.ascii };
}

function point(code: number): SetMember & { readonly kind: "range" } {
  return { kind: "range", low: code, high: code };
}

function isIdentifier(name: string): boolean {
  return /^[\p{XIDS}_]\p{XIDC}*$/u.test(name);
}

function requireName(name: string): string {
  if (isIdentifier(name)) return name;
  throw new PatternSyntaxError(`bad character in group name ${JSON.stringify(name)}`);
}
