/** Patterns in the syntax of Python's `re`, searched for as `re.search` does it, without flags. */
import { RE2JS } from "re2js";
import { InvalidPattern } from "../errors.ts";
import { type BacktrackingMatcher, backtrackingMatcher, SearchGivenUp } from "./python/backtracking-matcher.ts";
import { linearSource } from "./python/linear-source.ts";
import { PatternSyntaxError, parsePythonPattern } from "./python/pattern-parser.ts";
import type { PythonPattern } from "./python/syntax-tree.ts";

export interface PythonMatcher {
  /** True where no text is searched in more than linear time. */
  readonly linear: boolean;
  /**
   * True when the pattern is found. `expired` is asked now and then while a search can take long.
   * @throws {SearchGivenUp} when it says yes.
   */
  search(text: string, expired: () => boolean): boolean;
}

/** @throws {InvalidPattern} for what Python does not compile, and the empty pattern. */
export function requirePythonPattern(pattern: string): void {
  parse(pattern);
}

/**
 * RE2 for what it can express, in linear time; for the rest an engine that goes back and tries again, as Python's own does.
 * @throws {InvalidPattern}
 */
export function compilePythonPattern(pattern: string): PythonMatcher {
  const parsed = parse(pattern);
  const linear = compileLinear(parsed);
  let backtracking: BacktrackingMatcher | undefined;
  const trying = () => {
    backtracking ??= backtrackingMatcher(parsed);
    return backtracking;
  };
  return {
    linear: linear !== null && !linear.asciiOnly,
    search: (text, expired) =>
      linear !== null && (!linear.asciiOnly || isAscii(text)) ? linear.compiled.test(text) : trying().search(text, expired),
  };
}

export { SearchGivenUp };

function parse(pattern: string): PythonPattern {
  if (pattern === "") throw new InvalidPattern("`pattern` must be a non-empty string", { pattern, reason: "empty" });
  try {
    return parsePythonPattern(pattern);
  } catch (error) {
    if (!(error instanceof PatternSyntaxError)) throw error;
    const reason = error.message;
    throw new InvalidPattern(`${JSON.stringify(pattern)} is no valid pattern: ${reason}`, { pattern, reason });
  }
}

function compileLinear(parsed: PythonPattern): { readonly compiled: RE2JS; readonly asciiOnly: boolean } | null {
  const linear = linearSource(parsed);
  if (linear === null) return null;
  try {
    return { compiled: RE2JS.compile(linear.source), asciiOnly: linear.asciiOnly };
  } catch {
    // Too large an automaton: counted repetitions of counted repetitions.
    return null;
  }
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]+$/.test(text);
}
