/** Restart patterns, in Python's syntax, searched for in tracebacks (§10). */
import { RE2JS } from "re2js";
import { InvalidPattern } from "../errors.ts";

/**
 * The searcher of a pattern: `re.search` without flags.
 * @throws {InvalidPattern}
 */
export function compilePythonPattern(pattern: string): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern.replaceAll("\\Z", "\\z"));
    return (text) => compiled.test(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidPattern(`${JSON.stringify(pattern)} is no valid pattern: ${reason}`, { pattern, reason });
  }
}
