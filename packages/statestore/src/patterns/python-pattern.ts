/** Restart patterns, in Python's syntax, searched for in tracebacks (state-semantics §10). */
import { RE2JS } from "re2js";
import { InvalidPattern } from "../errors.ts";
import { searchWithDeadline } from "./search-with-deadline.ts";
import { translatePythonPattern } from "./translate-python-pattern.ts";

/**
 * The searcher of a pattern: `re.search` without flags. Linear in the text; a pattern with lookaround or backreferences, for which there is
 * no such engine, is searched for in a thread that is ended after 100 ms, and then counts as not found.
 * @throws {InvalidPattern}
 */
export function compilePythonPattern(pattern: string): (text: string) => boolean {
  if (pattern === "") throw new InvalidPattern("`pattern` must be a non-empty string", { pattern, reason: "empty" });
  const translated = translatePythonPattern(pattern);
  try {
    if (translated.engine === "linear") {
      const compiled = RE2JS.compile(translated.source);
      return (text) => compiled.test(text);
    }
    const compiled = new RegExp(translated.source, translated.flags);
    return (text) => searchWithDeadline(compiled, text);
  } catch (error) {
    throw invalid(pattern, error instanceof Error ? error.message : String(error));
  }
}

export function invalid(pattern: string, reason: string): InvalidPattern {
  return new InvalidPattern(`${JSON.stringify(pattern)} is no valid pattern: ${reason}`, { pattern, reason });
}
