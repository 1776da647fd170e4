/**
 * Searches as Python's own engine does, with all that it knows: lookaround, references, conditions, atomic parts. What is tried is kept on a stack of
 * its own, so that long texts do not end the stack of calls. It takes exponential time where Python does, and so is given a deadline.
 *
 * Registers hold, for each group, where it starts and ends, and for each repetition how often it ran and where it last began. Whatever changes a
 * register puts the old value on the stack, so that going back restores it.
 */
import { asciiWord, membershipOf, unicodeWord } from "./character-set.ts";
import { asciiLowerCase, lowerCase } from "./letter-case.ts";
import type { CaseFolding, PatternNode, PlaceKind, PythonPattern, Sequence } from "./syntax-tree.ts";

type Membership = (code: number) => boolean;

/** Each goes on with the next one unless it says where. */
type Instruction =
  | { readonly op: "character"; readonly has: Membership }
  | { readonly op: "place"; readonly place: PlaceKind; readonly word: Membership }
  | { readonly op: "mark"; readonly register: number }
  | { readonly op: "reference"; readonly register: number; readonly folding: CaseFolding }
  /** To `otherwise` unless the group has matched. */
  | { readonly op: "condition"; readonly register: number; otherwise: number }
  /** First here, and later there. */
  | { readonly op: "split"; otherwise: number }
  | { readonly op: "jump"; to: number }
  /** Characters of one set: as many as there are, or as few as do. */
  | {
      readonly op: "run";
      readonly has: Membership;
      readonly least: number;
      readonly most: number;
      readonly mode: "greedy" | "lazy" | "possessive";
    }
  | { readonly op: "repeat start"; readonly register: number }
  | {
      readonly op: "repeat";
      readonly register: number;
      readonly least: number;
      readonly most: number;
      readonly lazy: boolean;
      end: number;
    }
  /** After a lazy repetition was left too early. */
  | { readonly op: "repeat more"; readonly register: number; readonly most: number; readonly start: number }
  /** What lies up to `end` is matched by itself, and never again otherwise. */
  | { readonly op: "atomic"; end: number }
  | { readonly op: "possessive"; readonly least: number; readonly most: number; end: number }
  | { readonly op: "look"; readonly behind: number; readonly negated: boolean; end: number }
  | { readonly op: "done" };

/** The search took too long, or too much memory. */
export class SearchGivenUp extends Error {
  override readonly name = "SearchGivenUp";
}

export interface BacktrackingMatcher {
  /**
   * True when the pattern is found in the text. `expired` is asked now and then.
   * @throws {SearchGivenUp} when it says yes.
   */
  search(text: string, expired: () => boolean): boolean;
}

export function backtrackingMatcher(pattern: PythonPattern): BacktrackingMatcher {
  const program = new Compiler(pattern);
  return { search: (text, expired) => new Search(program, text, expired).found() };
}

class Compiler {
  readonly code: Instruction[] = [];
  /** Two for each group from 1, then two for each repetition. */
  registers: number;
  /** What a match can start with; null where that is not known. */
  readonly first: Membership | null;
  readonly #sets = new Map<string, Membership>();

  constructor({ body, groups }: PythonPattern) {
    this.registers = 2 * (groups + 1);
    this.#sequence(body);
    this.code.push({ op: "done" });
    const firsts = new Set<Membership>();
    this.first = this.#starts(body, firsts) ? (code) => anyOf(firsts, code) : null;
  }

  #sequence(nodes: Sequence): void {
    for (const node of nodes) this.#node(node);
  }

  #node(node: PatternNode): void {
    const { code } = this;
    switch (node.kind) {
      case "character":
        code.push({ op: "character", has: this.#membership(node) });
        return;
      case "place":
        code.push({ op: "place", place: node.place, word: membershipOf(node.ascii ? asciiWord : unicodeWord) });
        return;
      case "group":
        if (node.group !== null) code.push({ op: "mark", register: 2 * node.group });
        this.#sequence(node.body);
        if (node.group !== null) code.push({ op: "mark", register: 2 * node.group + 1 });
        return;
      case "branch":
        this.#branch(node.branches);
        return;
      case "repeat":
        this.#repeat(node);
        return;
      case "atomic":
        this.#enclosed({ op: "atomic", end: 0 }, node.body);
        return;
      case "look":
        this.#enclosed({ op: "look", behind: node.behind ?? 0, negated: node.negated, end: 0 }, node.body);
        return;
      case "reference":
        code.push({ op: "reference", register: 2 * node.group, folding: node.folding });
        return;
      case "condition": {
        const test: Instruction = { op: "condition", register: 2 * node.group, otherwise: 0 };
        code.push(test);
        this.#sequence(node.yes);
        const skip: Instruction = { op: "jump", to: 0 };
        code.push(skip);
        test.otherwise = code.length;
        this.#sequence(node.no);
        skip.to = code.length;
        return;
      }
    }
  }

  #branch(branches: readonly Sequence[]): void {
    const ends: { to: number }[] = [];
    branches.forEach((branch, i) => {
      if (i === branches.length - 1) {
        this.#sequence(branch);
        return;
      }
      const split: Instruction = { op: "split", otherwise: 0 };
      this.code.push(split);
      this.#sequence(branch);
      const end: Instruction = { op: "jump", to: 0 };
      this.code.push(end);
      ends.push(end);
      split.otherwise = this.code.length;
    });
    for (const end of ends) end.to = this.code.length;
  }

  #repeat({ body, least, most, mode }: PatternNode & { kind: "repeat" }): void {
    const [only] = body;
    if (body.length === 1 && only?.kind === "character") {
      this.code.push({ op: "run", has: this.#membership(only), least, most, mode });
      return;
    }
    if (mode === "possessive") {
      this.#enclosed({ op: "possessive", least, most, end: 0 }, body);
      return;
    }
    const register = this.registers;
    this.registers += 2;
    this.code.push({ op: "repeat start", register });
    const start = this.code.length;
    const repeat: Instruction = { op: "repeat", register, least, most, lazy: mode === "lazy", end: 0 };
    this.code.push(repeat);
    if (mode === "lazy") {
      // Where a repetition that was left goes on.
      this.code.push({ op: "jump", to: start + 3 });
      this.code.push({ op: "repeat more", register, most, start: start + 3 });
    }
    this.#sequence(body);
    this.code.push({ op: "jump", to: start });
    repeat.end = this.code.length;
  }

  #enclosed(instruction: Instruction & { end: number }, body: Sequence): void {
    this.code.push(instruction);
    this.#sequence(body);
    this.code.push({ op: "done" });
    instruction.end = this.code.length;
  }

  #membership(node: PatternNode & { kind: "character" }): Membership {
    const key = JSON.stringify(node.set);
    let known = this.#sets.get(key);
    if (known === undefined) {
      known = membershipOf(node.set);
      this.#sets.set(key, known);
    }
    return known;
  }

  /** Collects what can come first; true when something must come. */
  #starts(nodes: Sequence, firsts: Set<Membership>): boolean {
    return nodes.some((node) => this.#nodeStarts(node, firsts));
  }

  #nodeStarts(node: PatternNode, firsts: Set<Membership>): boolean {
    switch (node.kind) {
      case "character":
        firsts.add(this.#membership(node));
        return true;
      case "group":
      case "atomic":
        return this.#starts(node.body, firsts);
      case "branch":
        return node.branches.map((branch) => this.#starts(branch, firsts)).every((starts) => starts);
      case "repeat":
        return this.#starts(node.body, firsts) && node.least > 0;
      case "condition":
        return [node.yes, node.no].map((branch) => this.#starts(branch, firsts)).every((starts) => starts);
      case "reference":
        firsts.add(() => true);
        return false;
      case "place":
      case "look":
        return false;
    }
  }
}

function anyOf(sets: ReadonlySet<Membership>, code: number): boolean {
  for (const has of sets) if (has(code)) return true;
  return false;
}

/** Kinds of entries on the stack, each of four numbers. */
const goOn = 0; // at an instruction and a position
const restore = 1; // a register to a value
const fewer = 2; // characters of a greedy run: instruction, fewest end, present end
const more = 3; // characters of a lazy run: instruction, present end, how many more may follow

/** Entries on the stack, at most: 64 MiB. */
const mostEntries = 4 * 1024 * 1024;
/** How often the clock is looked at. */
const stepsBetweenLooks = 20_000;

class Search {
  readonly #code: readonly Instruction[];
  readonly #first: Membership | null;
  readonly #text: Int32Array;
  readonly #registers: Int32Array;
  readonly #expired: () => boolean;
  #stack = new Int32Array(4 * 256);
  #top = 0;
  #steps = 0;

  constructor({ code, first, registers }: Compiler, text: string, expired: () => boolean) {
    this.#code = code;
    this.#first = first;
    this.#text = codePoints(text);
    this.#registers = new Int32Array(registers).fill(-1);
    this.#expired = expired;
  }

  found(): boolean {
    const text = this.#text;
    const first = this.#first;
    for (let start = 0; start <= text.length; start++) {
      if (first !== null) {
        while (start < text.length && !first(text[start] ?? 0)) start += 1;
        if (start === text.length) return false;
      }
      if (this.#run(0, start) >= 0) return true;
    }
    return false;
  }

  /** Where the match of the instructions from `pc` to the next `done` ends; −1 where there is none, and then nothing has changed. */
  #run(pc: number, from: number): number {
    const base = this.#top;
    const text = this.#text;
    let at = from;
    for (;;) {
      this.#count(1);
      const instruction = this.#code[pc] ?? { op: "done" };
      let next = pc + 1;
      switch (instruction.op) {
        case "character":
          if (at < text.length && instruction.has(text[at] ?? 0)) at += 1;
          else next = -1;
          break;
        case "place":
          if (!this.#isPlace(instruction.place, instruction.word, at)) next = -1;
          break;
        case "mark":
          this.#set(instruction.register, at);
          break;
        case "reference": {
          const length = this.#sameAs(instruction.register, instruction.folding, at);
          if (length < 0) next = -1;
          else at += length;
          break;
        }
        case "condition":
          if (!this.#matched(instruction.register)) next = instruction.otherwise;
          break;
        case "split":
          this.#push(goOn, instruction.otherwise, at, 0);
          break;
        case "jump":
          next = instruction.to;
          break;
        case "run":
          at = this.#runOf(instruction, next, at);
          if (at < 0) next = -1;
          break;
        case "repeat start":
          this.#set(instruction.register, 0);
          this.#set(instruction.register + 1, -1);
          break;
        case "repeat": {
          const { register, least, most, lazy, end } = instruction;
          const count = this.#registers[register] ?? 0;
          if (count < least) {
            this.#set(register, count + 1);
          } else if (lazy) {
            this.#push(goOn, pc + 2, at, 0);
            next = end;
          } else if (count < most && this.#registers[register + 1] !== at) {
            this.#push(goOn, end, at, 0);
            this.#set(register, count + 1);
            this.#set(register + 1, at);
          } else next = end;
          break;
        }
        case "repeat more": {
          const { register, most, start } = instruction;
          const count = this.#registers[register] ?? 0;
          if (count >= most || this.#registers[register + 1] === at) next = -1;
          else {
            this.#set(register, count + 1);
            this.#set(register + 1, at);
            next = start;
          }
          break;
        }
        case "atomic":
          at = this.#run(pc + 1, at);
          next = at < 0 ? -1 : instruction.end;
          break;
        case "possessive":
          at = this.#possessive(pc + 1, instruction, at);
          next = at < 0 ? -1 : instruction.end;
          break;
        case "look":
          next = this.#looks(pc + 1, instruction, at) ? instruction.end : -1;
          break;
        case "done":
          this.#keepRestores(base);
          return at;
      }
      if (next >= 0) {
        pc = next;
        continue;
      }
      // Back to what can be tried otherwise.
      const back = this.#back(base);
      if (back === null) return -1;
      [pc, at] = back;
    }
  }

  #back(base: number): readonly [pc: number, at: number] | null {
    while (this.#top > base) {
      this.#top -= 4;
      const stack = this.#stack;
      const [a, b, c] = [stack[this.#top + 1] ?? 0, stack[this.#top + 2] ?? 0, stack[this.#top + 3] ?? 0];
      switch (stack[this.#top]) {
        case goOn:
          return [a, b];
        case restore:
          this.#registers[a] = b;
          break;
        case fewer:
          if (c - 1 > b) this.#push(fewer, a, b, c - 1);
          return [a, c - 1];
        case more: {
          const run = this.#code[a - 1];
          if (run?.op !== "run" || c === 0 || b >= this.#text.length || !run.has(this.#text[b] ?? 0)) break;
          this.#push(more, a, b + 1, c - 1);
          return [a, b + 1];
        }
      }
    }
    return null;
  }

  /** The end of a run of characters of one set; −1 where there are too few. */
  #runOf({ has, least, most, mode }: Instruction & { op: "run" }, next: number, at: number): number {
    const text = this.#text;
    const limit = Math.min(text.length, at + (mode === "lazy" ? least : most));
    let end = at;
    while (end < limit && has(text[end] ?? 0)) end += 1;
    this.#count(end - at);
    if (end - at < least) return -1;
    if (mode === "greedy" && end > at + least) this.#push(fewer, next, at + least, end);
    if (mode === "lazy" && most > least) this.#push(more, next, end, Math.min(most - least, text.length));
    return end;
  }

  /** One time after the other, each of which is never matched otherwise. */
  #possessive(body: number, { least, most }: { least: number; most: number }, from: number): number {
    const base = this.#top;
    let [at, last] = [from, -1];
    for (let count = 0; count < most; count++) {
      if (count >= least) {
        if (at === last) break;
        last = at;
      }
      const end = this.#run(body, at);
      if (end < 0 && count < least) {
        this.#undo(base);
        return -1;
      }
      if (end < 0) break;
      at = end;
    }
    return at;
  }

  #looks(body: number, { behind, negated }: { behind: number; negated: boolean }, at: number): boolean {
    const base = this.#top;
    const found = at >= behind && this.#run(body, at - behind) >= 0;
    if (negated) this.#undo(base);
    return found !== negated;
  }

  #isPlace(place: PlaceKind, word: Membership, at: number): boolean {
    const text = this.#text;
    const end = text.length;
    switch (place) {
      case "text start":
        return at === 0;
      case "text end":
        return at === end;
      case "last line end":
        return at === end || (at === end - 1 && text[at] === 10);
      case "line start":
        return at === 0 || text[at - 1] === 10;
      case "line end":
        return at === end || text[at] === 10;
    }
    // An empty text has neither.
    if (end === 0) return false;
    const before = at > 0 && word(text[at - 1] ?? 0);
    const after = at < end && word(text[at] ?? 0);
    return (before !== after) === (place === "boundary");
  }

  #matched(register: number): boolean {
    const start = this.#registers[register] ?? -1;
    return start >= 0 && (this.#registers[register + 1] ?? -1) >= start;
  }

  /** How many characters repeat what a group has matched; −1 where they do not. */
  #sameAs(register: number, folding: CaseFolding, at: number): number {
    if (!this.#matched(register)) return -1;
    const text = this.#text;
    const start = this.#registers[register] ?? 0;
    const length = (this.#registers[register + 1] ?? 0) - start;
    if (at + length > text.length) return -1;
    this.#count(length);
    const same = folding === "unicode" ? lowerCase : folding === "ascii" ? asciiLowerCase : (code: number) => code;
    for (let i = 0; i < length; i++) if (same(text[start + i] ?? 0) !== same(text[at + i] ?? 0)) return -1;
    return length;
  }

  #set(register: number, value: number): void {
    this.#push(restore, register, this.#registers[register] ?? -1, 0);
    this.#registers[register] = value;
  }

  #push(kind: number, a: number, b: number, c: number): void {
    if (this.#top === this.#stack.length) {
      if (this.#top >= 4 * mostEntries) throw new SearchGivenUp("it takes too much memory");
      const larger = new Int32Array(2 * this.#stack.length);
      larger.set(this.#stack);
      this.#stack = larger;
    }
    const stack = this.#stack;
    const top = this.#top;
    stack[top] = kind;
    stack[top + 1] = a;
    stack[top + 2] = b;
    stack[top + 3] = c;
    this.#top = top + 4;
  }

  /** What was tried since `base` is settled, but what it changed can still be undone by whoever goes back further. */
  #keepRestores(base: number): void {
    const stack = this.#stack;
    let kept = base;
    for (let entry = base; entry < this.#top; entry += 4) {
      if (stack[entry] !== restore) continue;
      stack.copyWithin(kept, entry, entry + 4);
      kept += 4;
    }
    this.#top = kept;
  }

  #undo(base: number): void {
    while (this.#top > base) {
      this.#top -= 4;
      if (this.#stack[this.#top] === restore) this.#registers[this.#stack[this.#top + 1] ?? 0] = this.#stack[this.#top + 2] ?? -1;
    }
  }

  #count(steps: number): void {
    this.#steps += steps;
    if (this.#steps < stepsBetweenLooks) return;
    this.#steps = 0;
    if (this.#expired()) throw new SearchGivenUp("it takes too long");
  }
}

function codePoints(text: string): Int32Array {
  const codes = new Int32Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i) ?? 0;
    if (code > 0xffff) i += 1;
    codes[length++] = code;
  }
  return codes.subarray(0, length);
}
